import { setImmediate as letOthersIn } from 'node:timers/promises';

/** Visits the items in their order, and lets others in after every `size` of them: who has thousands must not hold up everybody. */
export async function eachInTurns<Item>(
  items: Iterable<Item>,
  size: number,
  visit: (item: Item, index: number) => void | Promise<void>,
): Promise<void> {
  let index = 0;
  for (const item of items) {
    await visit(item, index);
    index += 1;
    if (index % size === 0) await letOthersIn();
  }
}
