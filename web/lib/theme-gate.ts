/**
 * The text of an inline script for the head, which sets the theme's class before anything can be painted. It says what
 * next-themes says (components/shell/providers.tsx), whose own script is in the body: on a busy machine a frame may be
 * painted before that is read. A test in the browser looks at every frame.
 */
export const themeGate = `(function () {
  try {
    var theme = localStorage.getItem('theme')
    if (theme !== 'light' && theme !== 'dark') theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
    document.documentElement.classList.add(theme)
  } catch (e) {}
})()`
