import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

// An `import` of these would load every construct of a service, and of the whole library every service: it asks for all their names.
export const core = require('aws-cdk-lib') as typeof import('aws-cdk-lib');
export const acm = require('aws-cdk-lib/aws-certificatemanager') as typeof import('aws-cdk-lib/aws-certificatemanager');
export const apigateway = require('aws-cdk-lib/aws-apigatewayv2') as typeof import('aws-cdk-lib/aws-apigatewayv2');
export const autoscaling =
  require('aws-cdk-lib/aws-applicationautoscaling') as typeof import('aws-cdk-lib/aws-applicationautoscaling');
export const cloudfront = require('aws-cdk-lib/aws-cloudfront') as typeof import('aws-cdk-lib/aws-cloudfront');
export const cloudwatch = require('aws-cdk-lib/aws-cloudwatch') as typeof import('aws-cdk-lib/aws-cloudwatch');
export const cloudwatchLogs = require('aws-cdk-lib/aws-logs') as typeof import('aws-cdk-lib/aws-logs');
export const ec2 = require('aws-cdk-lib/aws-ec2') as typeof import('aws-cdk-lib/aws-ec2');
export const ecs = require('aws-cdk-lib/aws-ecs') as typeof import('aws-cdk-lib/aws-ecs');
export const elasticache = require('aws-cdk-lib/aws-elasticache') as typeof import('aws-cdk-lib/aws-elasticache');
export const elb =
  require('aws-cdk-lib/aws-elasticloadbalancingv2') as typeof import('aws-cdk-lib/aws-elasticloadbalancingv2');
export const eventbridge = require('aws-cdk-lib/aws-scheduler') as typeof import('aws-cdk-lib/aws-scheduler');
export const iam = require('aws-cdk-lib/aws-iam') as typeof import('aws-cdk-lib/aws-iam');
export const rds = require('aws-cdk-lib/aws-rds') as typeof import('aws-cdk-lib/aws-rds');
export const route53 = require('aws-cdk-lib/aws-route53') as typeof import('aws-cdk-lib/aws-route53');
export const s3 = require('aws-cdk-lib/aws-s3') as typeof import('aws-cdk-lib/aws-s3');
export const secretsmanager =
  require('aws-cdk-lib/aws-secretsmanager') as typeof import('aws-cdk-lib/aws-secretsmanager');
export const servicediscovery =
  require('aws-cdk-lib/aws-servicediscovery') as typeof import('aws-cdk-lib/aws-servicediscovery');
export const sns = require('aws-cdk-lib/aws-sns') as typeof import('aws-cdk-lib/aws-sns');
export const sqs = require('aws-cdk-lib/aws-sqs') as typeof import('aws-cdk-lib/aws-sqs');
