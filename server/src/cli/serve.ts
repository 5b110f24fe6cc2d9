import type { Command } from 'commander';
import type { CommandDeps } from './build-program.ts';

export type Running = { apiUrl: string; gatewayUrl: string; close: () => Promise<void> };

/** Serves until SIGTERM or SIGINT, then lets running requests finish for at most 10 s. */
export function addServeCommand(program: Command, deps: CommandDeps): void {
  program
    .command('serve')
    .description('serve the API and the gateway listener; brings the database up to date first')
    .action(async () => {
      const running = await deps.start();
      console.log(`Keywright serves at ${running.apiUrl} (gateways: ${running.gatewayUrl})`);
      await new Promise<void>((resolve) => {
        // Not `once`: a second signal (a service manager and npm may both send one) must not cut off what is being finished.
        process.on('SIGTERM', resolve);
        process.on('SIGINT', resolve);
      });
      await running.close();
      // Whatever still holds the process, such as a database that does not answer, has had its time.
      setTimeout(() => process.exit(), 250).unref();
    });
}
