// Photograph pages of a running demo. Started by scripts/screenshots.
const { readFileSync } = require("node:fs");
const { chromium } = require("playwright-core");

const PAGES = {
  dashboard: { path: "/instagen-plant", height: 1500 },
  integration: { path: "/config/integrations/integration/instagen", height: 900 },
  energy: { path: "/energy", height: 900 },
  triggers: {
    path: "/config/automation/edit/new",
    height: 1000,
    clicks: ["Add trigger", "By type", "Instagen"],
  },
  conditions: {
    path: "/config/automation/edit/new",
    height: 900,
    clicks: ["Add condition", "By type", "Instagen"],
  },
};
const SETTLE_MS = 8000; // cards ask for history after they are drawn
const CLICK_MS = 2500;

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

async function main([executablePath, stateFile, folder, ...names]) {
  const demo = JSON.parse(readFileSync(stateFile, "utf8"));
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
  });
  try {
    const context = await browser.newContext({ locale: "en-US", serviceWorkers: "block" });
    await context.addInitScript((hassTokens) => {
      localStorage.setItem("hassTokens", JSON.stringify(hassTokens));
      localStorage.setItem("selectedLanguage", '"en"');
    }, await tokens(demo));
    for (const [name, { path, height, clicks = [] }] of Object.entries(PAGES)) {
      if (names.length && !names.includes(name)) continue;
      const page = await context.newPage();
      await page.setViewportSize({ width: 1400, height });
      await page.goto(demo.base + path, { waitUntil: "domcontentloaded" });
      await page.waitForFunction(
        () => document.querySelector("home-assistant")?.shadowRoot
          ?.querySelector("home-assistant-main"),
      );
      await page.waitForTimeout(SETTLE_MS);
      for (const text of clicks) {
        await page.getByText(text, { exact: true }).last().click();
        await page.waitForTimeout(CLICK_MS);
      }
      await page.screenshot({ path: `${folder}/${name}.png` });
      await page.close();
    }
  } finally {
    await browser.close();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`screenshots: ${error.message}`);
  process.exitCode = 1;
});
