import type { Diagnostic } from '../../analyzer/diagnostic.ts';
import type { FoundApplication } from '../init/applications.ts';
import { type Finding, failed, ok, skipped } from './check.ts';

export interface ApplicationFacts extends FoundApplication {
  /** What is wrong with its sources, its settings, or its being put up. */
  diagnostics: readonly Diagnostic[];
  /** The names of the secrets that it reads. */
  secrets: readonly string[];
}

/** Whether there is an application, and whether it can be built. */
export function checkApplications(applications: readonly ApplicationFacts[]): Finding[] {
  if (applications.length === 0)
    return [
      failed(
        'application.found',
        'there is no application in the repository',
        'An application is a directory with a package.json whose sources declare services; fairlead check <dir> says what it sees.',
      ),
    ];
  return applications.flatMap(checkApplication);
}

function checkApplication(application: ApplicationFacts): Finding[] {
  const { directory, name, packageManager, lockfile, diagnostics, secrets } = application;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const where = directory === '.' ? name : `${name} in ${directory}`;
  const check = directory === '.' ? 'fairlead check' : `fairlead check ${directory}`;
  return [
    first
      ? failed(
          'application.check',
          `${where} has ${errors.length === 1 ? 'an error' : `${errors.length} errors`}: ${first.code} ${first.message}`,
          `${check} shows each with its place.`,
        )
      : ok('application.check', `${where} has no errors`),
    lockfile === undefined
      ? failed(
          'application.lockfile',
          `${where} has no lockfile: what is built could not be built again`,
          `Run ${packageManager} install, and commit the lockfile.`,
        )
      : ok('application.lockfile', `${where} is installed by ${packageManager} from ${lockfile}`),
    ...(secrets.length === 0
      ? []
      : [
          skipped(
            'application.secrets',
            `whether ${secrets.join(', ')} ${secrets.length === 1 ? 'has a value' : 'have values'} is known where the environments are: fairlead secret list`,
          ),
        ]),
  ];
}
