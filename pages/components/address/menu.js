// @ts-check
// Where the menu covers the page, it closes after a choice. Streamlit does that on phones, but not in narrow windows.

const COVERS_BELOW = 768; // CSS pixels: Streamlit's menu covers the page in windows up to this width

export function closeMenu() {
  if (window.innerWidth > COVERS_BELOW) return;
  // After the click has been handled: Streamlit may have closed the menu itself.
  setTimeout(() => {
    const sidebar = document.querySelector('[data-testid="stSidebar"][data-collapsed="false"]');
    const button = sidebar?.querySelector('[data-testid="stSidebarCollapseButton"] button');
    if (button instanceof HTMLElement) button.click();
  });
}
