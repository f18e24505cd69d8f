// Loaded before the application's code in every process of an environment: ends it when its supervisor is gone, however that
// died, because the system then closes the pipe between them. JavaScript, since stripping types would cost start-up time.
process.stdin
  .on('error', () => process.exit(1))
  .on('close', () => process.exit(1))
  .resume()
  .unref();
