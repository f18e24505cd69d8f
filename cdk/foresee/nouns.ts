/** What people call a type, where {@link Meaning} does not say what a resource is: one that is on its way out. */
const nouns: Record<string, string> = {
  'AWS::ApiGatewayV2::Api': 'HTTP API',
  'AWS::ApiGatewayV2::Stage': 'stage of an HTTP API',
  'AWS::ApplicationAutoScaling::ScalableTarget': 'scaling',
  'AWS::ApplicationAutoScaling::ScalingPolicy': 'rule of scaling',
  'AWS::CloudFront::Distribution': 'public URL',
  'AWS::CloudWatch::Alarm': 'alarm',
  'AWS::EC2::SecurityGroup': 'firewall',
  'AWS::ECS::Service': 'process',
  'AWS::ECS::TaskDefinition': 'task of process',
  'AWS::ElastiCache::ReplicationGroup': 'cache server',
  'AWS::ElastiCache::User': 'user of the cache',
  'AWS::ElasticLoadBalancingV2::ListenerRule': 'route',
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'targets of the load balancer',
  'AWS::IAM::Policy': 'permissions',
  'AWS::IAM::Role': 'role',
  'AWS::Logs::LogGroup': 'logs',
  'AWS::RDS::DBInstance': 'database server',
  'AWS::S3::Bucket': 'bucket',
  'AWS::S3::BucketPolicy': 'policy of a bucket',
  'AWS::SNS::Subscription': 'subscription',
  'AWS::SNS::Topic': 'topic',
  'AWS::SQS::Queue': 'queue',
  'AWS::SQS::QueuePolicy': 'policy of a queue',
  'AWS::Scheduler::Schedule': 'schedule',
  'AWS::SecretsManager::Secret': 'secret',
  'AWS::ServiceDiscovery::Service': 'internal name',
};

/** `AWS::SQS::Queue` → `queue`; a type without a word of its own is called by its last part. */
export function nounOf(type: string): string {
  return nouns[type] ?? words(type.split('::').at(-1)!);
}

/** `VisibilityTimeout` → `visibility timeout`; what is all capitals stays. */
export function words(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(' ')
    .map((word) => (/^[A-Z]{2,}$/.test(word) ? word : word.toLowerCase()))
    .join(' ');
}
