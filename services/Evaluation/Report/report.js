for (const boundary of document.querySelectorAll("section.compare input"))
  boundary.oninput = () => boundary.closest("section").style.setProperty("--at", boundary.value + "%");
