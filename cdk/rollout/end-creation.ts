import type { Reporter } from '../../pipeline/mod.ts';
import type { Aws } from '../aws.ts';
import { codeOf, isMissing, unless } from '../errors.ts';
import type { Meaning } from '../model.ts';
import { deleteStack } from '../stacks/delete.ts';
import { listResources, readStack } from '../stacks/read.ts';

type Place = Pick<Aws, 'clients' | 'account' | 'time'>;

/**
 * Ends the first creation of a stack by deleting it: CloudFormation waits three hours for a service whose tasks do not get well, and
 * cancels nothing but updates. Buckets that it would keep go as well, as they would if it had gone back by itself; one in which there
 * is something already stays, and is told. Whether there was a creation to end.
 */
export async function endCreation(
  { clients, account, time }: Place,
  { name, meanings }: { name: string; meanings: Record<string, Pick<Meaning, 'subject'>> },
  report: Reporter,
): Promise<boolean> {
  if ((await readStack(clients, name))?.status !== 'CREATE_IN_PROGRESS') return false;
  const buckets = (await listResources(clients, name)).flatMap(({ type, physicalId }) =>
    type === 'AWS::S3::Bucket' && physicalId !== undefined ? [physicalId] : [],
  );
  await deleteStack({ clients, account, time }, name, report, { meanings });
  const s3 = await clients.s3();
  for (const Bucket of buckets) {
    const isFull = (error: unknown) => codeOf(error) === 'BucketNotEmpty';
    const gone = unless(
      s3.deleteBucket({ Bucket }).then(
        () => true,
        (error: unknown) => isMissing(error) || raise(error),
      ),
      isFull,
    );
    if (!(await gone))
      report.warn(`The bucket ${Bucket} was written to already, and stays. Remove it before the next deployment.`);
  }
  return true;
}

function raise(error: unknown): never {
  throw error;
}
