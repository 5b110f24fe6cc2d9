import { type Command, CommanderError } from 'commander';
import { buildProgram, type CommandDeps } from './build-program.ts';
import { reportFailure } from './report-failure.ts';

/**
 * Runs one command and answers its exit code: 0 done, 1 refused or failed (standard error says why, with the remedy),
 * 2 the command line itself is wrong, 3 something needed is unavailable: try again.
 */
export async function runCommandLine(args: readonly string[], deps: CommandDeps): Promise<number> {
  let running: Command | undefined;
  try {
    const program = buildProgram(deps).hook('preAction', (_program, command) => {
      running = command;
    });
    await program.parseAsync([...args], { from: 'user' });
    return process.exitCode === undefined ? 0 : Number(process.exitCode);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return reportFailure(error, running);
  }
}
