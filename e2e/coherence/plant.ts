import { registerHooks } from 'node:module';

// Loaded before the server by `node --import`, in tests only: changes one line of one module, so that the product is
// wrong in a known way. The harness must find it out.

const [file = '', from = '', to = ''] = JSON.parse(process.env.KEYWRIGHT_TEST_PLANT ?? '[]') as string[];

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(`/server/src/${file}`)) return loaded;
    const source = String(loaded.source);
    if (!source.includes(from)) throw new Error(`${file} has no ${from} any more: plant another fault.`);
    return { ...loaded, source: source.replace(from, to) };
  },
});
