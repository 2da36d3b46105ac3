// The steps of drive_vscode.mjs that are about the session panel.

/** Elements in the webview of a window. */
export function webview(page, ...selector) {
  return page.frameLocator("iframe.webview").frameLocator("#active-frame").locator(...selector);
}

/** `inPanel`: `webview` of the window in front; `timed`: from a command to a state. */
export const panelSteps = (inPanel, timed) => ({
  /** Waits for text in the session panel. */
  async panel(text) {
    await inPanel("body").locator(`:text("${text}")`).first().waitFor();
  },

  /** Waits for an element of the session panel and clicks it. */
  async panelClick(selector, text) {
    await inPanel(selector, { hasText: text }).first().click();
  },

  /** Types without sending. */
  async panelFill(text) {
    await inPanel("#input").fill(text);
  },

  async panelType(text) {
    await inPanel("#input").fill(text);
    await inPanel("#input").press("Enter");
  },

  async panelInput() {
    return inPanel("#input").inputValue();
  },

  async panelKeys(...keys) {
    for (const key of keys) {
      await inPanel("#input").press(key);
    }
  },

  async panelSelect(selector, value) {
    await inPanel(selector).selectOption(value);
  },

  /** What axe-core (its source is given) finds wrong with the session panel for people who do not see or point. */
  async panelAxe(source) {
    const frame = await (await inPanel("body").elementHandle()).ownerFrame();
    await frame.evaluate(source);
    return frame.evaluate(async () => {
      const { violations } = await axe.run(document, { resultTypes: ["violations"] });
      return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`);
    });
  },

  /** Name or, for lack of one, id of the panel's element that has the keys. */
  async panelFocus() {
    return inPanel("body").evaluate(() => {
      const { ariaLabel, textContent, id } = document.activeElement;
      return id || ariaLabel || textContent;
    });
  },

  /** Ids of all items, in order, and of the one at the top of what shows. */
  async panelItems() {
    return inPanel("#items").evaluate((list) => {
      const { top } = list.getBoundingClientRect();
      const all = [...list.children];
      const first = all.find((item) => item.getBoundingClientRect().bottom > top + 12);
      return { all: all.map((item) => item.dataset.item), top: first?.dataset.item, busy: list.ariaBusy };
    });
  },

  async panelTexts(selector) {
    return inPanel(selector).allInnerTexts();
  },

  /**
   * A session with many events is opened: until its end is shown; and of that, from when its page runs until its end is
   * shown and until all of its items are.
   */
  async timeToItems(count) {
    const items = inPanel("#items article");
    const end = await timed("Factory: Open Session", () => items.first().waitFor());
    await items.nth(count - 1).waitFor({ state: "attached" });
    const at = await items.first().evaluate(() => {
      const marks = performance.getEntriesByType("mark").map(({ name, startTime }) => [name, startTime]);
      return Object.fromEntries(marks);
    });
    return { end, ownEnd: at["end shown"] - at.ready, ownAll: at["all shown"] - at.ready };
  },
});
