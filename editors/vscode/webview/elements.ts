export function element<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

export function make(name: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

export function button(label: string, act: () => void): HTMLElement {
  const made = make("button", "", label);
  made.addEventListener("click", act);
  return made;
}
