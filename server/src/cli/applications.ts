import type { Command } from 'commander';
import { createApplication, createApplicationInput } from '../domain/applications/create-application.ts';
import { deleteApplication } from '../domain/applications/delete-application.ts';
import { getApplication } from '../domain/applications/get-application.ts';
import { getConnections } from '../domain/applications/get-connections.ts';
import { listApplications, listApplicationsQuery } from '../domain/applications/list-applications.ts';
import { commandContext, print, withServices } from './act.ts';
import { describeApplication, tableOfApplications } from './application-text.ts';
import type { CommandDeps } from './build-program.ts';
import { addConnectCommands } from './connect.ts';
import { parseInput } from './parse-input.ts';

type Organization = { organization?: string };
type CreateOptions = Organization & { description: string; team?: string };
type ListOptions = Organization & { limit: string; cursor?: string; query?: string };

const organizationOption = [
  '--organization <id or name>',
  'which organization, where there are several',
] as const;

export function addApplicationCommands(program: Command, deps: CommandDeps): void {
  const group = program.command('applications').description('the programs that call your APIs');
  group
    .command('create')
    .description('make an application; then connect it to APIs, and issue it keys')
    .argument('<title>')
    .option('--description <text>', 'what it is', '')
    .option('--team <id>', 'the team that owns it; otherwise the admins')
    .option(...organizationOption)
    .action((title: string, options: CreateOptions, command: Command) =>
      withServices(deps, async (services) => {
        const ctx = await commandContext(services, options.organization);
        const input = parseInput(createApplicationInput, {
          title,
          description: options.description,
          ...(options.team === undefined ? {} : { teamId: options.team }),
        });
        const { result, propagation } = await createApplication(ctx, input);
        print(command, { ...result.value, propagation }, () => `Application ${title}: ${result.value.id}`);
      }),
    );
  group
    .command('list')
    .description('list applications, newest first')
    .option('--query <text>', 'the start of a title')
    .option('--limit <number>', 'how many', '50')
    .option('--cursor <cursor>', 'read on from here')
    .option(...organizationOption)
    .action(({ organization, ...query }: ListOptions, command: Command) =>
      withServices(deps, async (services) => {
        const ctx = await commandContext(services, organization);
        const page = await listApplications(ctx, parseInput(listApplicationsQuery, query));
        print(command, page, () => tableOfApplications(page));
      }),
    );
  group
    .command('show')
    .description('show an application and what it may call')
    .argument('<id>')
    .option(...organizationOption)
    .action((id: string, options: Organization, command: Command) =>
      withServices(deps, async (services) => {
        const ctx = await commandContext(services, options.organization);
        const { value } = await getApplication(ctx, id);
        const { connections } = (await getConnections(ctx, id)).value;
        print(command, { ...value, connections }, () => describeApplication(value, connections));
      }),
    );
  addConnectCommands(group, deps);
  group
    .command('delete')
    .description('delete an application and its API keys, permanently')
    .argument('<id>')
    .option(...organizationOption)
    .action((id: string, options: Organization, command: Command) =>
      withServices(deps, async (services) => {
        const ctx = await commandContext(services, options.organization);
        const { result, propagation } = await deleteApplication(ctx, id);
        print(
          command,
          { ...result, propagation },
          () => `Deleted ${result.id}: its keys are refused everywhere from now on.`,
        );
      }),
    );
}
