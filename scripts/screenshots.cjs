// Photograph pages of a running demo. Started by scripts/screenshots.
const { readFileSync } = require("node:fs");
const { chromium } = require("playwright-core");
const { FORMS, OTHERS, PAGES, TRACES } = require("./screenshot_pages.cjs");

const SETTLE_MS = 8000; // cards ask for history after they are drawn
const CLICK_MS = 2500;
const WIDE = 1400;
const NARROW = 860; // the sidebar hides, the form has the whole page
const FORM_HEIGHT = 1180;
const TRACE_HEIGHT = 900;

async function tokens(demo) {
  const response = await fetch(`${demo.base}/auth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: demo.refresh_token,
      client_id: demo.client_id,
    }),
  });
  if (!response.ok) throw new Error(`login refused: ${response.status}`);
  const answer = await response.json();
  return {
    access_token: answer.access_token,
    token_type: "Bearer",
    expires_in: answer.expires_in,
    expires: Date.now() + answer.expires_in * 1000,
    refresh_token: demo.refresh_token,
    hassUrl: demo.base,
    clientId: demo.client_id,
  };
}

async function api(login, method, path, data) {
  const response = await fetch(`${login.hassUrl}/api/${path}`, {
    method,
    headers: { Authorization: `Bearer ${login.access_token}` },
    body: data && JSON.stringify(data),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

// The form belongs to an automation that only talks, and is gone after the picture.
async function withForm(login, name, { alias, blueprint, input }, photograph) {
  const [entry] = await api(login, "GET", "config/config_entries/entry?domain=instagen");
  const path = `config/automation/config/${name}`;
  await api(login, "POST", path, {
    alias,
    use_blueprint: {
      path: `instagen/${blueprint}.yaml`,
      input: { plant: entry.entry_id, dry_run: true, ...input },
    },
  });
  try {
    await photograph();
  } finally {
    await api(login, "DELETE", path);
  }
}

// The first run that came to its end; most runs find that there is nothing to do.
async function finishedRun(page, id) {
  const runs = await page.evaluate(
    (item_id) =>
      document
        .querySelector("home-assistant")
        .hass.callWS({ type: "trace/list", domain: "automation", item_id }),
    id,
  );
  const finished = runs.find((run) => run.script_execution === "finished");
  if (!finished) throw new Error(`${id} has not run yet; wait for the demo's story`);
  return finished.run_id;
}

async function photograph(context, base, file, { path, width = WIDE, height, clicks = [], show }) {
  const page = await context.newPage();
  try {
    await page.setViewportSize({ width, height });
    await page.goto(base + path, { waitUntil: "domcontentloaded" });
    await page.waitForFunction(
      () => document.querySelector("home-assistant")?.shadowRoot
        ?.querySelector("home-assistant-main"),
    );
    await page.waitForTimeout(SETTLE_MS);
    for (const text of clicks) {
      await page.getByText(text, { exact: true }).last().click();
      await page.waitForTimeout(CLICK_MS);
    }
    if (show) {
      await page.getByText(show, { exact: true }).last().scrollIntoViewIfNeeded();
      await page.waitForTimeout(CLICK_MS);
    }
    await page.screenshot({ path: file });
  } finally {
    await page.close();
  }
}

async function main([executablePath, stateFile, folder, ...names]) {
  const demo = JSON.parse(readFileSync(stateFile, "utf8"));
  const wanted = (name) => !names.length || names.includes(name);
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
  });
  try {
    const login = await tokens(demo);
    const context = await browser.newContext({ locale: "en-US", serviceWorkers: "block" });
    await context.addInitScript((hassTokens) => {
      localStorage.setItem("hassTokens", JSON.stringify(hassTokens));
      localStorage.setItem("selectedLanguage", '"en"');
    }, login);
    const take = (name, page) => photograph(context, demo.base, `${folder}/${name}.png`, page);
    for (const [name, page] of Object.entries(PAGES)) {
      if (wanted(name)) await take(name, page);
    }
    for (const id of TRACES) {
      const name = `trace-${id.replaceAll("_", "-")}`;
      if (!wanted(name)) continue;
      const page = await context.newPage();
      await page.goto(demo.base, { waitUntil: "domcontentloaded" });
      await page.waitForFunction(() => document.querySelector("home-assistant")?.hass?.states);
      const run = await finishedRun(page, id);
      await page.close();
      const path = `/config/automation/trace/${id}?run_id=${run}`;
      await take(name, { path, height: TRACE_HEIGHT, clicks: ["Trace timeline"] });
    }
    for (const [entity, [state, friendly_name, more]] of Object.entries(OTHERS)) {
      const attributes = { friendly_name, ...more };
      await api(login, "POST", `states/${entity}`, { state, attributes });
    }
    for (const [name, form] of Object.entries(FORMS)) {
      if (!wanted(name)) continue;
      const { height = FORM_HEIGHT, clicks, show } = form;
      const path = `/config/automation/edit/${name}`;
      await withForm(login, name, form, () =>
        take(name, { path, width: NARROW, height, clicks, show }),
      );
    }
    for (const entity of Object.keys(OTHERS)) await api(login, "DELETE", `states/${entity}`);
  } finally {
    await browser.close();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`screenshots: ${error.message}`);
  process.exitCode = 1;
});
