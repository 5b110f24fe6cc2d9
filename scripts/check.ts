import { checkSteps } from './check-steps.ts';

// `npm run check`; with `-- --write` it brings docs/openapi.json up to date instead of comparing it.
process.exitCode = (await checkSteps({ write: process.argv.includes('--write') })) ? 0 : 1;
