import type { Command } from 'commander';
import type { Ctx } from '../domain/context.ts';
import { commandContext, print, withServices } from './act.ts';
import type { CommandDeps } from './build-program.ts';

/** `argument`: the first one of the command. `say`: with --json the body, otherwise the text for people. */
export type Asked<Options> = {
  argument: string;
  options: Options;
  say: (body: object, text: () => string) => void;
};

/** Which organization a command acts in. */
export const organizationOption = [
  '--organization <id or name>',
  'which organization, where there are several',
] as const;

/** Lets a command act in one organization, which is chosen by an option where there are several. */
export function actInOrganization<Options extends object>(
  command: Command,
  deps: CommandDeps,
  act: (ctx: Ctx, asked: Asked<Options>) => Promise<void>,
): void {
  command.option(...organizationOption).action(() =>
    withServices(deps, async (services) =>
      act(await commandContext(services, command.opts().organization), {
        argument: command.args[0] ?? '',
        options: command.opts<Options>(),
        say: (body, text) => print(command, body, text),
      }),
    ),
  );
}
