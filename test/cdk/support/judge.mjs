// Reads templates by name as JSON from the standard input, and writes what CDK's own validation and AwsSolutions of cdk-nag find in
// them: `{ judges, findings: [{ rule, template, resource, message }] }`. A program of its own, since both look at a whole application.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { AwsSolutionsChecks } from 'cdk-nag';

const place = mkdtempSync(join(tmpdir(), 'fairlead-judge-'));
try {
  const app = new App({ outdir: join(place, 'out'), analyticsReporting: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  for (const [name, template] of Object.entries(JSON.parse(await text(process.stdin)))) {
    const templateFile = join(place, `${name}.json`);
    writeFileSync(templateFile, JSON.stringify(template));
    new CfnInclude(new Stack(app, name), 'Template', { templateFile });
  }
  try {
    app.synth();
  } catch {
    // It found something, and wrote down what.
  }
  const { pluginReports } = JSON.parse(readFileSync(join(place, 'out', 'validation-report.json'), 'utf8'));
  const findings = pluginReports.flatMap(({ violations }) =>
    violations.flatMap(({ ruleName, description, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath = '' }) => ({
        rule: ruleName,
        template: constructPath.split('/')[0],
        resource: constructPath.split('/').at(-1),
        message: description,
      })),
    ),
  );
  process.stdout.write(JSON.stringify({ judges: pluginReports.map(({ pluginName }) => pluginName), findings }));
} finally {
  rmSync(place, { recursive: true, force: true });
}
