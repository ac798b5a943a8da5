import { announce } from "./announce.ts";
import { find } from "./dom.ts";

const key = "trimaran:theme";
const themes = ["auto", "light", "dark"] as const;
type Theme = (typeof themes)[number];
const labels: Record<Theme, string> = {
  auto: "Theme: as the system",
  light: "Theme: light",
  dark: "Theme: dark",
};
const signs: Record<Theme, string> = { auto: "◐", light: "☀", dark: "☾" };

/** The button that goes from the system's colours to light to dark; remembered in this browser. */
export function bindTheme(): void {
  const button = find("theme");
  let theme = read();

  function show(): void {
    if (theme === "auto") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    button.textContent = signs[theme];
    button.ariaLabel = button.title = labels[theme];
  }

  button.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length] ?? "auto";
    show();
    announce(labels[theme]);
    try {
      localStorage.setItem(key, theme);
    } catch {
      // Storage may be switched off: it then lasts as long as the page.
    }
  });
  show();
}

function read(): Theme {
  try {
    const stored = localStorage.getItem(key);
    return themes.find((theme) => theme === stored) ?? "auto";
  } catch {
    return "auto";
  }
}
