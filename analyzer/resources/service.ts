import { basename, dirname } from 'node:path';
import { nameOf, resourceName } from '../config.ts';
import type { Recogniser } from '../context.ts';
import type { Report } from '../report.ts';
import { clientName, contains, type FoundService, type Root } from '../services.ts';
import type { Site } from '../sites.ts';

/** `export default new Service('name')` in an `encore.service.ts`. Found before all else, since every other resource has a service. */
export const service: Recogniser = {
  declares: 'encore.dev/service#Service',
  as: 'new',
  bound: 'default',
  what: 'a service',
  recognise: () => {},
};

export const isServiceFile = (file: string): boolean => /^encore\.service\.(ts|mts|tsx)$/.test(basename(file));

/** The explicit services among the declarations; every breach of their rules is reported. */
export function explicitServices(sites: readonly Site[], serviceFiles: readonly string[], report: Report): Root[] {
  const declarations = sites.filter(({ declares }) => declares === service.declares);
  const roots = declarations.flatMap((site) => explicitService(site, declarations, report));
  for (const file of serviceFiles) {
    if (declarations.some((site) => site.file.fileName === file)) continue;
    report.error(
      'FL1201',
      { file: report.relative(file), line: 1, column: 1 },
      'this file declares no service',
      "Write `export default new Service('name')` in it, or remove the file.",
    );
  }
  return roots;
}

function explicitService(site: Site, all: readonly Site[], report: Report): Root[] {
  const { node, file, binding } = site;
  if (!isServiceFile(file.fileName)) {
    report.error(
      'FL1202',
      node,
      'a service is declared outside an encore.service.ts',
      "Move the declaration to a file of that name in the service's directory.",
    );
    return [];
  }
  const first = all.find((other) => other.file === file);
  if (first && first !== site) {
    report.error(
      'FL1204',
      node,
      'this file declares a second service',
      'Give every service a directory and an encore.service.ts of its own.',
      [{ message: 'the first one', position: report.positionOf(first.node) }],
    );
    return [];
  }
  if (binding.kind !== 'default') {
    report.error(
      'FL1203',
      node,
      'the service is not the default export',
      "Write `export default new Service('name')`.",
    );
  }
  const name = nameOf(node.arguments?.[0], 'a service', node, report);
  return [{ file: file.fileName, position: report.positionOf(node), name: name ?? basename(dirname(file.fileName)) }];
}

/** Services that contain each other or share a name, as such or in `~encore/clients`. */
export function checkServices(services: readonly FoundService[], report: Report): void {
  const byName = new Map<string, FoundService>();
  for (const service of services) {
    if (!resourceName.pattern.test(service.name)) {
      report.error(
        'FL1109',
        service.position,
        `${JSON.stringify(service.name)} cannot be the name of a service`,
        resourceName.help,
      );
    }
    const outer = services.find((other) => other !== service && contains(other.directory, service.directory));
    if (outer) {
      report.error(
        'FL1205',
        service.position,
        `service \`${service.name}\` is inside the directory of service \`${outer.name}\``,
        'Move one of the two: a service owns its whole directory.',
        [{ message: `\`${outer.name}\` is declared here`, position: outer.position }],
      );
    }
    const same = byName.get(clientName(service.name));
    if (same) {
      report.error(
        'FL1206',
        service.position,
        `service \`${service.name}\` has the name of another one${same.name === service.name ? '' : `, \`${same.name}\`, in ~encore/clients`}`,
        'Rename one of the two.',
        [{ message: `\`${same.name}\` is declared here`, position: same.position }],
      );
    }
    byName.set(clientName(service.name), service);
  }
}
