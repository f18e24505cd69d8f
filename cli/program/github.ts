import { type Command, Option } from 'commander';
import { commit, type Execute, examples, globals, identifier, path, several } from './shared.ts';

export function defineGitHub(program: Command, execute: Execute): void {
  program
    .command('init')
    .summary('write the workflows that GitHub runs')
    .description(
      'Writes .github/workflows/fairlead-preview.yml, -production.yml, -rollback.yml and -cleanup.yml for this repository: ' +
        'short files that call the workflows of Fairlead. Finds the applications, the default branch and the package manager. ' +
        'Shows what changes in a file that is there, and replaces one that somebody changed only with --force. Again, it changes nothing.',
    )
    .addOption(
      new Option(
        '--target <target>',
        'where environments are put up (default: target of fairlead.json, else of the workflows that are there; asked for on a terminal)',
      ).choices(['aws', 'gcp', 'local']),
    )
    .option('--app <dir>', 'only this application; may be given several times (default: all that are found)', several)
    .option(
      '--region <region>',
      'region of the cloud (default: AWS_REGION, else what the variable FAIRLEAD_REGION on GitHub says)',
    )
    .option(
      '--branch <name>',
      'the branch that production follows (default: the default branch of the remote, else the only one)',
    )
    .option('--forks', 'also the workflow by which a maintainer may allow a preview of a fork')
    .option('--force', 'replace files that somebody changed')
    .option('--dry-run', 'say what would be written and write nothing')
    .addHelpText(
      'after',
      examples('fairlead init --target local', 'fairlead init --target aws --region eu-west-1 --dry-run'),
    )
    .action((options) => execute(async () => (await import('../commands/init.ts')).init, globals(options, program)));

  defineBootstrap(program, execute);

  program
    .command('doctor')
    .summary('check what a first run on GitHub could trip over')
    .description(
      'Checks the repository, the workflows, the application and, with a token, the settings on GitHub, and says how to mend what is wrong. ' +
        'The token is GITHUB_TOKEN, GH_TOKEN or that of "gh auth login"; to read every setting it has to be of an administrator. Changes nothing.',
    )
    .option('--repository <owner/name>', 'the repository on GitHub (default: that of the remote)')
    .addHelpText('after', examples('fairlead doctor', 'fairlead doctor --json'))
    .action((options) =>
      execute(async () => (await import('../commands/doctor.ts')).doctor, globals(options, program)),
    );
}

function defineBootstrap(program: Command, execute: Execute): void {
  const bootstrap = program
    .command('bootstrap')
    .summary('let a cloud trust the jobs of this repository')
    .description(
      'Prints what makes a cloud trust the jobs of this repository, without any key that lasts, or creates it with --apply.',
    );
  const trust = (command: Command) =>
    command
      .option('--repository <owner/name>', 'the repository on GitHub (default: that of the remote)')
      .option('--repository-id <number>', 'its number (default: GitHub is asked)', identifier)
      .option('--owner-id <number>', 'the number of its owner (default: GitHub is asked)', identifier)
      .option('--branch <name>', 'the branch that production follows (default: the default branch)')
      .option('--forks', 'also for the environment of allowed forks, preview-fork')
      .option('--kit-commit <sha>', 'where your workflows call those of Fairlead by this commit', commit)
      .option('--apply', 'create it, or bring what is there up to date');

  trust(
    bootstrap
      .command('aws')
      .summary('roles of AWS for GitHub')
      .description(
        'Prints an AWS CloudFormation template: the identity provider of GitHub, one role for previews and one for production, and the most ' +
          'that they can be allowed. They may keep images in Amazon ECR and, for applications whose target is aws, deploy what their code needs there. With --apply, makes the stack or updates it.',
      ),
  )
    .option('--app <dir>', 'only this application; may be given several times (default: all that are found)', several)
    .option('--registry-prefix <prefix>', 'what stands before the application in the names of its images', path)
    .option('--existing-provider', 'the account has the identity provider of GitHub already')
    .option('--region <region>', 'with --apply: the region of the stack (default: AWS_REGION)')
    .option('--stack-name <name>', 'with --apply: its name (default: fairlead-github-OWNER-NAME)')
    .addHelpText(
      'after',
      examples(
        'fairlead bootstrap aws > trust.json',
        'fairlead bootstrap aws --repository acme/shop --repository-id 1296269 --owner-id 583231',
        'fairlead bootstrap aws --apply --region eu-west-1',
      ),
    )
    .action((options) =>
      execute(async () => (await import('../commands/bootstrap.ts')).aws, globals(options, program)),
    );

  trust(
    bootstrap
      .command('gcp')
      .summary('service accounts of Google Cloud for GitHub')
      .description(
        'Prints a script of gcloud commands: a pool of identities with GitHub as provider, one service account for previews and one for production, ' +
          'and a repository of images. Today they may keep images in it; more comes with the target gcp. With --apply, runs them.',
      ),
  )
    .requiredOption('--project <id>', 'the project')
    .option('--location <location>', 'of the repository of images', 'europe-west1')
    .option('--registry <name>', 'the repository of images in Artifact Registry', 'fairlead')
    .addHelpText(
      'after',
      examples(
        'fairlead bootstrap gcp --project acme-shop > trust.sh',
        'fairlead bootstrap gcp --project acme-shop --location us-central1 --apply',
      ),
    )
    .action((options) =>
      execute(async () => (await import('../commands/bootstrap.ts')).gcp, globals(options, program)),
    );
}
