import { z } from 'zod';
import type { ImportPlan } from './openapi/import-plan.ts';

const endpoint = { method: z.string(), path: z.string() };

export const importReportSchema = z
  .object({
    added: z.array(z.object(endpoint)),
    changed: z.array(
      z.object({ ...endpoint, what: z.string().meta({ description: 'What changed, in words.' }) }),
    ),
    removed: z.array(z.object(endpoint)),
    renamedScopes: z
      .array(z.object({ from: z.string(), to: z.string() }))
      .meta({ description: 'Scopes of the document that another API has, and what they are called here.' }),
    notes: z.array(z.string()).meta({ description: 'What else is worth knowing, in sentences.' }),
  })
  .meta({ id: 'ImportReport', description: 'What the import found and did.' });

export type ImportReport = ImportPlan['report'];

export const emptyReport: ImportReport = {
  added: [],
  changed: [],
  removed: [],
  renamedScopes: [],
  notes: [],
};
