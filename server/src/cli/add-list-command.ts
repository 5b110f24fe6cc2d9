import { type Command, Option } from 'commander';
import type { z } from 'zod';
import type { Ctx } from '../domain/context.ts';
import type { Page } from '../domain/list-page.ts';
import { actInOrganization } from './act-in-organization.ts';
import type { CommandDeps } from './build-program.ts';
import { inColumns } from './in-columns.ts';
import { parseInput } from './parse-input.ts';

/**
 * `filters`: an option, what it is for, and the API's own name for it where that differs.
 * `whenEmpty`: one sentence that helps whoever has none yet.
 */
type List<Query extends z.ZodType, Item> = {
  what: string;
  filters: readonly (readonly [flags: string, description: string, field?: string])[];
  query: Query;
  read: (ctx: Ctx, query: z.infer<Query>) => Promise<Page<Item>>;
  row: (item: Item) => readonly string[];
  whenEmpty: string;
};

/** Adds `list`: a page of the API's list with its filters, and how to read on where there is more. */
export function addListCommand<Query extends z.ZodType, Item>(
  group: Command,
  deps: CommandDeps,
  list: List<Query, Item>,
): void {
  const filters = list.filters.map(([flags, description, field]) => {
    const option = new Option(flags, description);
    return { option, name: option.attributeName(), field: field ?? option.attributeName() };
  });
  const command = group.command('list').description(`list ${list.what}`);
  for (const { option } of filters) command.addOption(option);
  command
    .option('--limit <number>', 'how many, up to 200', '50')
    .option('--cursor <cursor>', 'read on from here');
  actInOrganization<Record<string, string>>(command, deps, async (ctx, { options, say }) => {
    const given = filters.filter(({ name }) => options[name] !== undefined);
    const { limit, cursor } = options;
    const query = parseInput(list.query, {
      ...Object.fromEntries(given.map(({ name, field }) => [field, options[name]])),
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const page = await list.read(ctx, query);
    say(page, () => {
      const lines = inColumns(page.data.map(list.row));
      if (page.nextCursor !== null) lines.push(`There are more. Read on with: --cursor ${page.nextCursor}`);
      if (lines.length > 0) return lines.join('\n');
      if (cursor !== undefined) return 'There are no more.';
      return given.length > 0 ? `None is like this. Leave ${flagsOf(given)} out to see all.` : list.whenEmpty;
    });
  });
}

function flagsOf(filters: readonly { option: Option }[]): string {
  return filters.map(({ option }) => option.long).join(' and ');
}
