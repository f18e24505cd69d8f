import { AwsError, type Call, type World } from '../../model.ts';

/** A network interface: what keeps a subnet and a security group from being deleted. */
export interface NetworkInterface {
  id: string;
  account: string;
  region: string;
  subnetId: string;
  securityGroups: string[];
  description: string;
  /** Who made it: `ecs`, `amazon-elb`, `amazon-rds`. */
  requester: string;
  privateIp: string;
  publicIp?: string;
  status: 'in-use' | 'available';
}

export interface PlugRequest {
  subnetId: string;
  securityGroups: string[];
  description: string;
  requester: string;
  /** Amazon VPC User Guide, "Elastic IP addresses" and "Public IPv4 addresses": one goes with the interface. */
  publicIp?: boolean;
}

/** Amazon VPC User Guide, "Requester-managed network interfaces": AWS makes and deletes them for what runs in a subnet. */
export interface Interfaces {
  all: ReadonlyMap<string, NetworkInterface>;
  /** @throws AwsError InvalidSubnetID.NotFound */
  plug(call: Pick<Call, 'account' | 'region'>, request: PlugRequest): NetworkInterface;
  /** Resolves when it is gone: at once, or after what {@link linger} says. */
  unplug(id: string): Promise<void>;
  /** Interfaces unplugged from now on stay in use so long, in milliseconds of virtual time. 0 ends that. */
  linger(milliseconds: number): void;
}

export function createInterfaces(world: World, subnetExists: (id: string) => boolean): Interfaces {
  const all = new Map<string, NetworkInterface>();
  let lingering = 0;
  let made = 0;
  return {
    all,
    plug({ account, region }, { publicIp, ...request }) {
      if (!subnetExists(request.subnetId))
        throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${request.subnetId}' does not exist`);
      const id = `eni-${world.random.text(17, '0123456789abcdef')}`;
      made += 1;
      const tail = `${made >> 8}.${made & 255}`;
      const addresses = { privateIp: `10.0.${tail}`, ...(publicIp && { publicIp: `198.51.${tail}` }) };
      const plugged: NetworkInterface = { id, account, region, ...request, ...addresses, status: 'in-use' };
      all.set(id, plugged);
      return plugged;
    },
    async unplug(id) {
      if (lingering > 0) await world.clock.sleep(lingering);
      all.delete(id);
    },
    linger(milliseconds) {
      lingering = milliseconds;
    },
  };
}
