import type { Command } from 'commander';
import { createApplication, createApplicationInput } from '../domain/applications/create-application.ts';
import { deleteApplication } from '../domain/applications/delete-application.ts';
import { getApplication } from '../domain/applications/get-application.ts';
import { getConnections } from '../domain/applications/get-connections.ts';
import { listApplications, listApplicationsQuery } from '../domain/applications/list-applications.ts';
import { actInOrganization } from './act-in-organization.ts';
import { addListCommand } from './add-list-command.ts';
import { describeApplication } from './application-text.ts';
import type { CommandDeps } from './build-program.ts';
import { addConnectCommands } from './connect.ts';
import { parseInput } from './parse-input.ts';

type CreateOptions = { description: string; team?: string };

export function addApplicationCommands(program: Command, deps: CommandDeps): void {
  const group = program.command('applications').description('the programs that call your APIs');
  const creating = group
    .command('create')
    .description('make an application; then connect it to APIs, and issue it keys')
    .argument('<title>')
    .option('--description <text>', 'what it is', '')
    .option('--team <id>', 'the team that owns it; otherwise the admins');
  actInOrganization<CreateOptions>(creating, deps, async (ctx, { argument, options, say }) => {
    const input = parseInput(createApplicationInput, {
      title: argument,
      description: options.description,
      ...(options.team === undefined ? {} : { teamId: options.team }),
    });
    const { result, propagation } = await createApplication(ctx, input);
    const application = result.value;
    say({ ...application, propagation }, () => `Application ${application.title}: ${application.id}`);
  });
  addListCommand(group, deps, {
    what: 'applications, newest first',
    filters: [
      ['--query <text>', 'the start of a title'],
      ['--team <id>', 'only of this team', 'teamId'],
    ],
    query: listApplicationsQuery,
    read: listApplications,
    row: ({ id, title }) => [id, title],
    whenEmpty: 'There are no applications yet. Make one: keywright applications create <title>',
  });
  actInOrganization(
    group.command('show').description('show an application and what it may call').argument('<id>'),
    deps,
    async (ctx, { argument, say }) => {
      const { value } = await getApplication(ctx, argument);
      const { connections } = (await getConnections(ctx, argument)).value;
      say({ ...value, connections }, () => describeApplication(value, connections));
    },
  );
  addConnectCommands(group, deps);
  actInOrganization(
    group
      .command('delete')
      .description('delete an application and its API keys, permanently')
      .argument('<id>'),
    deps,
    async (ctx, { argument, say }) => {
      const { result, propagation } = await deleteApplication(ctx, argument);
      say(
        { ...result, propagation },
        () => `Deleted ${result.id}: its keys are refused everywhere from now on.`,
      );
    },
  );
}
