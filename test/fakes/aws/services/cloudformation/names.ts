import { AwsError } from '../../model.ts';

/** The grammar of names that people give, from the API reference of each service. */
const grammars: Record<string, RegExp> = {
  'AWS::SQS::Queue': /^[a-zA-Z0-9_-]{1,80}$|^[a-zA-Z0-9_-]{1,75}\.fifo$/,
  'AWS::SNS::Topic': /^[a-zA-Z0-9_-]{1,256}$|^[a-zA-Z0-9_-]{1,251}\.fifo$/,
  'AWS::S3::Bucket': /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  'AWS::IAM::Role': /^[\w+=,.@-]{1,64}$/,
  'AWS::IAM::ManagedPolicy': /^[\w+=,.@-]{1,128}$/,
  'AWS::ECS::Cluster': /^[a-zA-Z0-9_-]{1,255}$/,
  'AWS::ECS::Service': /^[a-zA-Z0-9_-]{1,255}$/,
  'AWS::ElasticLoadBalancingV2::LoadBalancer': /^(?!internal-)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$/,
  'AWS::ElasticLoadBalancingV2::TargetGroup': /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$/,
  'AWS::RDS::DBInstance': /^[a-zA-Z](?!.*--)(?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/,
  'AWS::ElastiCache::ReplicationGroup': /^[a-zA-Z](?!.*--)(?:[a-zA-Z0-9-]{0,38}[a-zA-Z0-9])?$/,
  'AWS::SecretsManager::Secret': /^[a-zA-Z0-9/_+=.@-]{1,512}$/,
  'AWS::Scheduler::Schedule': /^[0-9a-zA-Z-_.]{1,64}$/,
  'AWS::Scheduler::ScheduleGroup': /^[0-9a-zA-Z-_.]{1,64}$/,
  'AWS::Logs::LogGroup': /^[.\-_/#A-Za-z0-9]{1,512}$/,
  'AWS::ECR::Repository': /^(?=.{2,256}$)[a-z0-9]+(?:[._-][a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-][a-z0-9]+)*)*$/,
  'AWS::SSM::Parameter': /^[a-zA-Z0-9_./-]{1,1011}$/,
  'AWS::CloudWatch::Alarm': /^.{1,255}$/,
};

/** @throws AwsError that a handler would answer with */
export function checkName(type: string, name: string): void {
  const grammar = grammars[type];
  if (!grammar || grammar.test(name)) return;
  throw new AwsError(
    'InvalidRequest',
    `Invalid request provided: ${name} is not a legal name of ${type}: it does not satisfy ${grammar.source}`,
  );
}
