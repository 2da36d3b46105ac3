// Drives VS Code in headless Chromium, one step at a time, for tests/editors/test_vscode.py.
// usage: node drive_vscode.mjs TOOLS CHROMIUM ARTIFACTS
// Reads steps from stdin, a JSON array a line `["step", …arguments]`; answers each with one line `{"ok": …}` or
// `{"error": …}`. Ends with its stdin.
import { copyFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { panelSteps, webview } from "./drive_panel.mjs";

const [tools, chromium, artifacts] = process.argv.slice(2);
const playwright = createRequire(`${tools}/`)("playwright-core");

const browser = await playwright.chromium.launch({
  executablePath: chromium,
  args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"],
});
const pages = [];
let page = await newPage(0);

/** With cookies and storage of its own: as another browser. */
async function newPage(number) {
  pages[number] ??= await browser.newPage({ viewport: { width: 1280, height: 800 } });
  pages[number].setDefaultTimeout(90_000); // a state is waited for: a slow machine only takes longer
  return pages[number];
}

async function quickInput(text, timeout = undefined) {
  const box = page.locator(".quick-input-widget input").first();
  await box.waitFor({ timeout });
  await box.fill(text, { timeout });
}

function sideBar(text) {
  return page.locator("[id='workbench.parts.sidebar'] .monaco-list-row", { hasText: text }).first();
}

function inPanel(...selector) {
  return webview(page, ...selector);
}

/** From the Enter of a command to a state. */
async function timed(command, state) {
  await page.keyboard.press("F1");
  await quickInput(`>${command}`);
  await page.locator(".quick-input-list .monaco-list-row.focused", { hasText: command }).waitFor();
  const begin = performance.now();
  await page.keyboard.press("Enter");
  await state();
  return performance.now() - begin;
}

const steps = {
  ...panelSteps(inPanel, timed),

  /** The steps that follow are for this window, from 0; it is made when there is none yet. */
  async window(number) {
    page = await newPage(number);
    await page.bringToFront();
  },

  /**
   * The address names a folder or a workspace, and a file in it. Code-server shows about every fourth workspace file that
   * it opens as one without folders, for as long as one waits; reloaded, it knows them.
   */
  async open(url) {
    await page.goto(url);
    await page.waitForSelector(".monaco-workbench");
    const folders = ".explorer-folders-view .monaco-list-row";
    const shown = page.locator(folders).or(page.getByText("You have not yet added a folder")).first();
    await shown.waitFor();
    for (let tries = 0; tries < 5 && (await page.locator(folders).count()) === 0; tries += 1) {
      await page.reload();
      await shown.waitFor();
    }
    await page.waitForSelector(folders);
    await page.waitForSelector(".monaco-editor .view-line");
  },

  /** Rows of the Problems panel once one holds the text: `assert 1 == 2 ci · pytest(test_one) [Ln 3, Col 1]`. */
  async problem(text) {
    const row = page.locator(".markers-panel .monaco-list-row", { hasText: text }).first();
    if ((await page.locator(".markers-panel").count()) === 0) {
      await page.keyboard.press("Control+Shift+M");
    }
    await row.waitFor();
    await page.waitForSelector(".squiggly-error, .squiggly-warning");
    return (await row.innerText()).replace(/\s+/g, " ");
  },

  /** Opens an address whose payload names tests for the extension host: VS Code runs them only for a smoke test. */
  async openTests(url) {
    await page.addInitScript(() => {
      const found = new MutationObserver((_, observer) => {
        const settings = document.getElementById("vscode-workbench-web-configuration");
        if (settings) {
          observer.disconnect();
          const given = JSON.parse(settings.getAttribute("data-settings"));
          given.developmentOptions = { ...given.developmentOptions, enableSmokeTestDriver: true };
          settings.setAttribute("data-settings", JSON.stringify(given));
        }
      });
      found.observe(document, { childList: true, subtree: true });
    });
    for (const name of ["codeAutomationLog", "codeAutomationExit"]) {
      await page.exposeFunction(name, () => undefined);
    }
    await page.goto(url);
    await page.waitForSelector(".monaco-workbench");
  },

  async insertLinesAtTop(count) {
    await page.locator(".monaco-editor .view-lines").first().click();
    await page.keyboard.press("Control+Home");
    for (let n = 0; n < count; n++) {
      await page.keyboard.type("# one more");
      await page.keyboard.press("Escape"); // a suggestion must not take the Enter
      await page.keyboard.press("Enter");
    }
  },

  /** Titles of the quick fixes at a line; the menu stays open. */
  async quickFixes(line) {
    await page.locator(".monaco-editor .view-lines").first().click();
    await page.keyboard.press("Control+g");
    await quickInput(`:${line}`);
    await page.keyboard.press("Enter");
    await page.locator(".quick-input-widget").first().waitFor({ state: "hidden" });
    await page.keyboard.press("Control+.");
    const row = page.locator(".action-widget .monaco-list-row.action");
    await row.first().waitFor();
    return (await row.allInnerTexts()).map((text) => text.trim());
  },

  /** Takes the first entry whose title starts so from the open quick fix menu, by keyboard: a layer above it blocks the pointer. */
  async takeQuickFix(title) {
    const focused = page.locator(".action-widget .monaco-list-row.action.focused");
    for (let tries = 0; tries < 20; tries++) {
      if ((await focused.first().innerText()).trim().startsWith(title)) {
        return page.keyboard.press("Enter");
      }
      await page.keyboard.press("ArrowDown");
    }
    throw new Error(`no quick fix is called ${title}`);
  },

  async noProblem(text) {
    await page.locator(".markers-panel .monaco-list-row", { hasText: text }).first().waitFor({ state: "detached" });
  },

  async statusBar(text) {
    const item = page.locator("[id='factory-ls.factory-ls.factory.status']", { hasText: text });
    await item.waitFor();
    return (await item.innerText()).trim();
  },

  /** What the Factory view says when it has no rows. */
  async welcome() {
    const found = page.locator("[id='workbench.parts.sidebar'] .welcome-view-content").first();
    await found.waitFor();
    return found.innerText();
  },

  async hasStatusBarItem() {
    return page.locator("[id='factory-ls.factory-ls.factory.status']").isVisible();
  },

  /** Commands of the palette that match; as many as fit. */
  async palette(text) {
    await page.keyboard.press("F1");
    await quickInput(`>${text}`);
    await page.locator(".quick-input-list .monaco-list-row.focused", { hasText: text }).waitFor();
    const labels = await page.locator(".quick-input-list .monaco-list-row .label-name").allInnerTexts();
    await page.keyboard.press("Escape");
    return labels;
  },

  /** An extension's commands come after the window: the palette is opened again until it has this one. */
  async run(command) {
    const found = page.locator(".quick-input-list .monaco-list-row.focused", { hasText: command });
    for (let tries = 0; ; tries++) {
      try {
        // A panel that opens meanwhile takes the focus, and with it the palette.
        await page.keyboard.press("F1");
        await quickInput(`>${command}`, 5_000);
        await found.waitFor({ timeout: 5_000 });
        return page.keyboard.press("Enter");
      } catch (error) {
        await page.keyboard.press("Escape");
        if (tries === 5) {
          throw error;
        }
      }
    }
  },

  /** Takes the first entry of the open picker, once it holds the text. */
  async choose(text) {
    const row = page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first();
    await row.waitFor();
    await row.click();
  },

  /** Into a box without a title. */
  async enter(text) {
    await quickInput(text);
    await page.keyboard.press("Enter");
  },

  async type(title, text) {
    await page.locator(".quick-input-title", { hasText: title }).first().waitFor();
    await quickInput(text);
    await page.keyboard.press("Enter");
  },

  async notification(text) {
    const message = page.locator(".notification-list-item-message", { hasText: text }).first();
    await message.waitFor();
    return message.innerText();
  },

  async noNotification(text) {
    await page.locator(".notification-list-item-message", { hasText: text }).first().waitFor({ state: "detached" });
  },

  /** Opens the first review thread of the file in front, by its mark in the margin. */
  async openThread(text) {
    await page.locator(".comment-range-glyph.comment-thread").first().click();
    await page.locator(".review-widget .comment-body", { hasText: text }).waitFor();
  },

  async replyToThread(text) {
    await page.locator(".review-widget .review-thread-reply-button").first().click();
    await page.locator(".review-widget .comment-form .monaco-editor").waitFor();
    await page.keyboard.type(text);
    await page.locator(".review-widget .form-actions .monaco-button", { hasText: "Reply" }).click();
  },

  async threadAction(label) {
    await page.locator(`.review-widget .head .action-label[aria-label^="${label}"]`).click();
  },

  async noThread() {
    await page.locator(".review-widget").first().waitFor({ state: "detached" });
  },

  /** The colour in which a piece of a line is shown. */
  async colourOf(text) {
    const piece = page.locator(".editor-container .view-line span span", { hasText: text }).first();
    await piece.waitFor();
    return piece.evaluate((element) => getComputedStyle(element).color);
  },

  /** The window says that it is in restricted mode. */
  async restricted() {
    await page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
  },

  async trust() {
    await page.locator(".statusbar-item", { hasText: "Restricted Mode" }).click();
    await page.locator(".workspace-trust-editor .monaco-button", { hasText: "Trust" }).first().click();
    await page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor({ state: "detached" });
  },

  async editorText(text) {
    await page.locator(".editor-container .view-line", { hasText: text }).first().waitFor();
  },

  async noEditorText(text) {
    await page.locator(".editor-container .view-line", { hasText: text }).first().waitFor({ state: "detached" });
  },

  /** Text of the side bar's first row that holds `text`, once there is one. */
  async row(text) {
    const found = sideBar(text);
    await found.waitFor();
    return (await found.innerText()).replace(/\s+/g, " ").trim();
  },

  /** Opens a row of the side bar by keyboard. */
  async expand(text) {
    await sideBar(text).locator(".monaco-icon-label").first().click();
    await page.keyboard.press("ArrowRight");
  },

  async clickRow(text) {
    await sideBar(text).locator(".monaco-icon-label").first().click();
  },

  /** Labels of the actions beside a row; with a label, that one is clicked. */
  async rowAction(text, label) {
    await sideBar(text).hover();
    await sideBar(text).locator(`.action-label[aria-label^="${label}"]`).click();
  },

  /** Keys for whatever has the focus. */
  async keys(...keys) {
    for (const key of keys) {
      await page.keyboard.press(key);
    }
  },

  async count(selector) {
    await page.locator(selector).first().waitFor();
    return page.locator(selector).count();
  },

  /** Reloads the window as people do. A file that its address has it open would take the place of what was open. */
  async reload() {
    await page.evaluate(() => {
      const address = new URL(location.href);
      address.searchParams.delete("payload");
      history.replaceState({}, "", address);
    });
    const gone = page.waitForEvent("load");
    await steps.run("Developer: Reload Window");
    await gone;
    await page.waitForSelector(".monaco-workbench");
  },

  // What benchmarks/editors.py measures, in milliseconds.

  async squiggle() {
    await page.locator(".squiggly-error").first().waitFor();
  },

  /** As VS Code itself measured it, code loading and the call of `activate`. The list makes only rows that show. */
  async activation(name) {
    await steps.run("Developer: Show Running Extensions");
    const rows = page.locator(".runtime-extensions-editor .monaco-list-row");
    const row = rows.filter({ has: page.locator(".name", { hasText: new RegExp(`^${name}$`) }) });
    await rows.first().click();
    for (let tries = 0; tries < 20 && (await row.count()) === 0; tries++) {
      await page.keyboard.press("PageDown");
      await page.waitForTimeout(100);
    }
    const text = await row.first().locator(".activation-time").innerText();
    await page.keyboard.press("Escape");
    await steps.run("View: Close All Editors");
    return Number.parseInt(text.replace(/^\D+/, ""), 10);
  },

  async timeToSquiggle(file) {
    await steps.run("View: Close All Editors");
    await page.locator(".monaco-editor .view-line").first().waitFor({ state: "detached" });
    await page.keyboard.press("Control+p");
    await quickInput(file);
    await page.locator(".quick-input-list .monaco-list-row.focused", { hasText: file.split("/").pop() }).waitFor();
    const begin = performance.now();
    await page.keyboard.press("Enter");
    await page.waitForSelector(".squiggly-error");
    return performance.now() - begin;
  },

  async timeToRow(command, text) {
    await steps.run("View: Show Explorer");
    return timed(command, () => sideBar(text).waitFor());
  },

  /** The ratchet of the first workspace is turned on, and its row says so. */
  async timeToChange() {
    await steps.run("View: Focus First Editor Group");
    const time = await timed("Factory: Turn Ratchet On", () => steps.row("ratchet CI_FAILED"));
    await steps.run("Factory: Turn Ratchet Off");
    await sideBar("ratchet CI_FAILED").waitFor({ state: "detached" });
    return time;
  },

  async timeToText(command, text) {
    return timed(command, () => inPanel("p", { hasText: text }).waitFor());
  },

  /** `picture`: its name among the README's, which are made when $FACTORY_PICTURES names a folder. */
  async screenshot(name, picture) {
    const path = `${artifacts}/${name}.png`;
    await page.screenshot({ path });
    if (picture && process.env.FACTORY_PICTURES) {
      await copyFile(path, `${process.env.FACTORY_PICTURES}/${picture}.png`);
    }
    return path;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [step, ...given] = JSON.parse(line);
  let answer;
  try {
    answer = { ok: (await steps[step](...given)) ?? null };
  } catch (error) {
    const path = `${artifacts}/failed-${step}.png`;
    await page.screenshot({ path }).catch(() => undefined);
    answer = { error: `${step}: ${error.message} (screenshot: ${path})` };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
