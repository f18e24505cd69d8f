/** Tests that take long, and have quicker ones beside them: for CI, and for whoever wants them. */
export const patient: readonly string[] = [
  'test/actions/aws.test.ts',
  'test/actions/dist.test.ts',
  'test/actions/outlive.test.ts',
  'test/actions/story.test.ts',
  'test/analyzer/generate/typescript-client.test.ts',
  'test/cdk/canary-rules.test.ts',
  'test/cdk/deployer.test.ts',
  'test/cdk/first-release.test.ts',
  'test/cdk/grants.test.ts',
  'test/cdk/judges.test.ts',
  'test/cdk/ministack.test.ts',
  'test/cdk/permissions-synthesized.test.ts',
  'test/cdk/postgres-version.test.ts',
  'test/cdk/production.test.ts',
  'test/cdk/simulation.test.ts',
  'test/cdk/target.test.ts',
  'test/cli/aws.test.ts',
  'test/cli/bad-input.test.ts',
  'test/cli/build-killed.test.ts',
  'test/cli/build.test.ts',
  'test/cli/db.test.ts',
  'test/cli/doctor.test.ts',
  'test/cli/exec.test.ts',
  'test/cli/graph-diff.test.ts',
  'test/cli/init.test.ts',
  'test/cli/kinds.test.ts',
  'test/cli/orms.test.ts',
  'test/cli/run.test.ts',
  'test/cli/smoke.test.ts',
  'test/cli/test-runners.test.ts',
  'test/cli/test.test.ts',
  'test/corpus/corpus.test.ts',
  'test/docs/comment-picture.test.ts',
  'test/docs/guides.test.ts',
  'test/docs/traces.test.ts',
  'test/e2e/story.test.ts',
  'test/fakes/aws-cli.test.ts',
  'test/fakes/aws-cloudformation-commands.test.ts',
  'test/fakes/aws-ecs-real.test.ts',
  'test/fakes/aws-foundations.test.ts',
  'test/fakes/github-services.test.ts',
  'test/github/bootstrap/gcp.test.ts',
  'test/images/dockerfile/build.test.ts',
  'test/images/engine.test.ts',
  'test/images/oci/image-docker.test.ts',
  'test/images/oci/repository-faults.test.ts',
  'test/images/reproducible-build.test.ts',
  'test/local/kill.test.ts',
  'test/local/supervisor.test.ts',
  'test/package/alias.test.ts',
  'test/package/package.test.ts',
  'test/runtime/attacks.test.ts',
  'test/runtime/aws-pubsub.test.ts',
  'test/runtime/contract/infra-config.test.ts',
  'test/runtime/google-pubsub.test.ts',
  'test/runtime/kills.test.ts',
  'test/runtime/metrics-backends.test.ts',
  'test/runtime/migrate.test.ts',
  'test/runtime/nsq-pubsub.test.ts',
  'test/runtime/provision.test.ts',
  'test/runtime/restart.test.ts',
  'test/runtime/services.test.ts',
  'test/runtime/shutdown.test.ts',
  'test/runtime/storage/s3.test.ts',
  'test/runtime/tracing.test.ts',
  'test/runtime/workers.test.ts',
  'test/workflows-simulated/guards.test.ts',
  'test/workflows-simulated/interleavings.test.ts',
];

/** What would take CI longer than its time: for whoever wants it, one by one or all. */
const costly = ['test/cdk/simulation-guards.test.ts', 'test/e2e/aws.test.ts', 'test/images/externals/native.test.ts'];

const everything = process.env.FAIRLEAD_TEST_ALL === '1';

/** Whether what takes long runs, too. */
export const all: boolean = everything || process.env.CI !== undefined;

/** What is left out this time. */
export const leftOut: readonly string[] = everything
  ? []
  : process.env.CI === undefined
    ? [...patient, ...costly]
    : costly;
