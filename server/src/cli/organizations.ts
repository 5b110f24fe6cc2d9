import type { Command } from 'commander';
import { createOrganization, createOrganizationInput } from '../domain/organizations/create-organization.ts';
import { print, withServices } from './act.ts';
import type { CommandDeps } from './build-program.ts';
import { parseInput } from './parse-input.ts';

export function addOrganizationCommands(program: Command, deps: CommandDeps): void {
  const group = program.command('organizations').description('everything belongs to exactly one of them');
  group
    .command('create')
    .description('make an organization')
    .argument('<name>', 'its name')
    .option('--brand <brand>', 'what its secrets begin with: 2 to 12 lower-case letters and digits', 'kw')
    .action((name: string, options: { brand: string }, command: Command) =>
      withServices(deps, async (services) => {
        const input = parseInput(createOrganizationInput, { name, brand: options.brand });
        const { result, propagation } = await createOrganization(
          services,
          { id: services.newId('req') },
          input,
        );
        print(
          command,
          { ...result.value, propagation },
          () => `Organization ${result.value.name}: ${result.value.id}`,
        );
      }),
    );
}
