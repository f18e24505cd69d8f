// The least that an application of the AWS CDK does with the resources of templates: a tree of L1 constructs, and `synth`. It is what
// `tsc` makes of one. Arguments: the templates, and a directory.
const { enableCompileCache } = require('node:module');
const { join } = require('node:path');

enableCompileCache(join(__dirname, '../../node_modules/.cache/fairlead'));
const { readFileSync } = require('node:fs');
const { App, CfnMapping, CfnOutput, CfnResource, Stack } = require('aws-cdk-lib');

const directory = process.argv.at(-1);
const app = new App({ outdir: directory, analyticsReporting: false, treeMetadata: false });
for (const file of process.argv.slice(2, -1)) {
  const { Mappings = {}, Resources, Outputs = {} } = JSON.parse(readFileSync(file, 'utf8'));
  const stack = new Stack(app, file.replace(/[^a-z0-9]/gi, '-').replace(/^-+/, ''));
  const made = Object.entries(Resources).map(
    ([id, { Type, Properties, DependsOn, DeletionPolicy, UpdateReplacePolicy }]) => {
      const resource = new CfnResource(stack, id, { type: Type, properties: Properties });
      Object.assign(resource.cfnOptions, { deletionPolicy: DeletionPolicy, updateReplacePolicy: UpdateReplacePolicy });
      return { id, resource, after: [DependsOn ?? []].flat() };
    },
  );
  const byId = new Map(made.map(({ id, resource }) => [id, resource]));
  for (const { resource, after } of made) for (const id of after) resource.addResourceDependency(byId.get(id));
  for (const [id, mapping] of Object.entries(Mappings)) new CfnMapping(stack, id, { mapping });
  for (const [id, { Value }] of Object.entries(Outputs)) new CfnOutput(stack, id, { value: Value });
}
app.synth({ skipValidation: true });
