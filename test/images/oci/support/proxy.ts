import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

/** A proxy that leads wherever it is asked to lead to `host`, for those who give its password. */
export async function proxyTo(host: string) {
  const tunnels: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    tunnels.push(request.url!);
    socket.on('error', () => undefined);
    if (request.headers['proxy-authorization'] !== `Basic ${Buffer.from('p:proxy-secret').toString('base64')}`)
      return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    const [name, port] = host.split(':');
    const peer = connect(Number(port), name, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    peer
      .on('error', () => socket.destroy())
      .pipe(socket)
      .pipe(peer);
    socket.on('close', () => peer.destroy());
    return undefined;
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as AddressInfo;
  return {
    tunnels,
    address: (password: string) => `http://p:${password}@127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => void proxy.close(),
  };
}
