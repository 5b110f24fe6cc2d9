import type { Command } from 'commander';
import { AppError } from '../domain/errors.ts';
import { UnavailableError } from '../lib/unavailable-error.ts';
import { nameOfField } from './name-of-field.ts';

/** Says on standard error what failed and what to do, fields by the options of the command; answers the exit code. */
export function reportFailure(error: unknown, command: Command | undefined): number {
  if (error instanceof AppError) {
    console.error(`keywright: ${error.message}`);
    for (const field of error.fields) {
      console.error(`  ${nameOfField(command, field.pointer)}: ${field.message}`);
    }
    return error.code === 'unavailable' ? 3 : 1;
  }
  console.error(`keywright: ${error instanceof Error ? error.message : String(error)}`);
  return error instanceof UnavailableError ? 3 : 1;
}
