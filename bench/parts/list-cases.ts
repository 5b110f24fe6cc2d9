import type { FilledDatabase, Sample } from '../fill/filled-database.ts';
import type { SeededRandom } from '../seeded-random.ts';

/** One way to ask for a list: the parameters, drawn anew each time, and which rows it answers. */
export type ListCase = {
  name: string;
  draw: () => { parameters: Record<string, string>; matches: (row: Sample) => boolean };
  /** A search is by name whatever is asked; and what finds one key has no page deep inside. */
  search?: 'name' | 'one';
};

export type ListGroup = {
  name: string;
  cases: readonly ListCase[];
  /** Filters together, of which no figure is promised. */
  isCombined?: boolean;
};

const environments = ['development', 'staging', 'production'] as const;
const statuses = ['active', 'inactive', 'expired', 'revoked'] as const;

/** Every filter by itself, and below them filters together. */
export function listGroups(database: FilledDatabase, random: SeededRandom): readonly ListGroup[] {
  const { samples, bigApplicationId, bigCreatorId } = database;
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[random.below(items.length)];
    if (item === undefined) throw new Error('There is nothing to draw from.');
    return item;
  };
  const smallApplications = database.applicationIds.slice(Math.floor(database.applicationIds.length / 2));
  const smallCreators = database.creatorIds.slice(Math.floor(database.creatorIds.length / 2));

  const fixed = (
    name: string,
    parameters: Record<string, string>,
    matches: (row: Sample) => boolean,
  ): ListCase => ({ name, draw: () => ({ parameters, matches }) });
  const big = fixed(
    'with half of the keys',
    { applicationId: bigApplicationId },
    (row) => row.application_id === bigApplicationId,
  );
  const small: ListCase = {
    name: 'with few',
    draw: () => {
      const applicationId = pick(smallApplications);
      return { parameters: { applicationId }, matches: (row) => row.application_id === applicationId };
    },
  };
  const prolific = fixed('of many', { createdBy: bigCreatorId }, (row) => row.created_by === bigCreatorId);
  const modest: ListCase = {
    name: 'of few',
    draw: () => {
      const createdBy = pick(smallCreators);
      return { parameters: { createdBy }, matches: (row) => row.created_by === createdBy };
    },
  };
  const ofStatus = statuses.map((status) => fixed(status, { status }, (row) => row.status === status));
  const ofEnvironment = environments.map((environment) =>
    fixed(environment, { environment }, (row) => row.environment === environment),
  );
  const beginning = (name: string, query: () => string): ListCase => ({
    name,
    search: 'name',
    draw: () => {
      const text = query();
      return { parameters: { query: text }, matches: (row) => row.name_key.startsWith(text.toLowerCase()) };
    },
  });
  const common = beginning('a common beginning', () => 'bILLing');
  const names: ListCase[] = [
    common,
    beginning('one letter', () => pick(['b', 'C', 'm', 's'])),
    beginning('two words and a digit', () =>
      pick(samples).name.replace(/\d+$/, (number) => number.charAt(0)),
    ),
    beginning('a whole name', () => pick(samples).name),
    beginning('four characters', () => 'part'),
  ];
  const one = (name: string, query: (row: Sample) => string): ListCase => ({
    name,
    search: 'one',
    draw: () => ({ parameters: { query: query(pick(samples)) }, matches: () => false }),
  });

  return [
    { name: 'all', cases: [fixed('all', {}, () => true)] },
    { name: 'by application', cases: [big, small] },
    { name: 'by environment', cases: ofEnvironment },
    { name: 'by status', cases: ofStatus },
    {
      name: 'by environment and status',
      cases: ofEnvironment.flatMap((a) => ofStatus.map((b) => both(a, b))),
    },
    { name: 'by creator', cases: [prolific, modest] },
    { name: 'by the start of the name', cases: names },
    { name: 'by id', cases: [one('id', (row) => row.id)] },
    { name: 'by the last four', cases: [one('last four', (row) => row.lastFour)] },
    {
      name: 'by application and status',
      isCombined: true,
      cases: [big, small].flatMap((a) => ofStatus.map((b) => both(a, b))),
    },
    {
      name: 'by application and environment',
      isCombined: true,
      cases: [big, small].flatMap((a) => ofEnvironment.map((b) => both(a, b))),
    },
    {
      name: 'by creator and status',
      isCombined: true,
      cases: [prolific, modest].flatMap((a) => ofStatus.map((b) => both(a, b))),
    },
    {
      name: 'by application and creator',
      isCombined: true,
      cases: [big, small].flatMap((a) => [both(a, prolific), both(a, modest)]),
    },
    {
      name: 'by status and the start of the name',
      isCombined: true,
      cases: ofStatus.map((b) => both(common, b)),
    },
    {
      name: 'by application and the start of the name',
      isCombined: true,
      cases: [both(common, big), both(common, small)],
    },
    {
      name: 'by creator and the start of the name',
      isCombined: true,
      cases: [both(common, prolific), both(common, modest)],
    },
  ];
}

function both(a: ListCase, b: ListCase): ListCase {
  const search = a.search ?? b.search;
  return {
    name: `${a.name}, ${b.name}`,
    ...(search === undefined ? {} : { search }),
    draw: () => {
      const [one, other] = [a.draw(), b.draw()];
      return {
        parameters: { ...one.parameters, ...other.parameters },
        matches: (row) => one.matches(row) && other.matches(row),
      };
    },
  };
}
