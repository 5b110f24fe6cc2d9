import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestKeywright } from '../../server/test/harness.ts';
import { openBrowser } from './open-browser.ts';

test('/docs renders every operation in a real browser and asks no other host for anything', async () => {
  const kw = await startTestKeywright('sqlite');
  const browser = await openBrowser();
  try {
    const page = await browser.context.newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${kw.apiUrl}/docs`);
    await page.getByText('/v1/api-keys/{id}/revoke').first().waitFor();
    const { body } = await kw.call('GET', '/openapi.json');
    const operations = Object.values(body.paths as Record<string, object>).flatMap((path) =>
      Object.keys(path),
    );
    assert.equal(await page.locator('.opblock').count(), operations.length);
    assert.deepEqual(complaints, []);
    const elsewhere = asked.filter((url) => !url.startsWith(`${kw.apiUrl}/`) && !url.startsWith('data:'));
    assert.deepEqual(elsewhere, []);
    if (process.env.KEYWRIGHT_TEST_SCREENSHOTS !== undefined) {
      await page.screenshot({ path: `${process.env.KEYWRIGHT_TEST_SCREENSHOTS}/docs.png` });
    }
  } finally {
    await browser.close();
    await kw.close();
  }
});
