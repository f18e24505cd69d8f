// An application of the AWS CDK with given resources: a tree of L1 constructs, and `synth`. It is what `tsc` makes of one, but that it
// reads from a file what would be written in it. Arguments: that file, and a directory.
const { enableCompileCache } = require('node:module');
const { join } = require('node:path');

enableCompileCache(join(__dirname, '../../node_modules/.cache/fairlead'));
const { readFileSync } = require('node:fs');
const { App, CfnMapping, CfnOutput, Stack, Token } = require('aws-cdk-lib');

const [input, directory] = process.argv.slice(2);
const app = new App({ outdir: directory, analyticsReporting: false, treeMetadata: false });
for (const { name, resources, mappings, outputs } of JSON.parse(readFileSync(input, 'utf8'))) {
  const stack = new Stack(app, name);
  const made = new Map();
  for (const { library, construct, id, properties, options } of resources) {
    const resource = new (require(`aws-cdk-lib/${library}`)[construct])(stack, id, withTokens(properties));
    Object.assign(resource.cfnOptions, options);
    made.set(id, resource);
  }
  for (const { id, after } of resources) for (const one of after) made.get(id).addResourceDependency(made.get(one));
  for (const [id, mapping] of Object.entries(mappings)) new CfnMapping(stack, id, { mapping });
  for (const [id, { Value }] of Object.entries(outputs)) new CfnOutput(stack, id, { value: withTokens(Value) });
}
app.synth({ skipValidation: true });

/** What refers to others are texts in the CDK, which stand for it. */
function withTokens(value) {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withTokens);
  const keys = Object.keys(value);
  if (keys.length === 1 && /^(Ref|Fn::.+)$/.test(keys[0])) return Token.asString(value);
  return Object.fromEntries(keys.map((key) => [key, withTokens(value[key])]));
}
