// What a page does by itself, without asking the kernel: shows panels when they are scrolled to, shares rows among
// them, and gives names to what ipywidgets and bqplot leave without one. It is started once for each lab on a page.
(root => {
  if (root.cogStarted) return
  root.cogStarted = true

  const LEAST = 420, GAP = 8 // pixels of the narrowest panel and between two, as in lab.css
  const right = root.querySelector('.cog-right'), bar = root.querySelector('.cog-bar')

  // A panel that was not made yet is a button in its place; it is pressed shortly before it would be seen.
  const seen = new IntersectionObserver(entries => entries.forEach(entry => {
    if (!entry.isIntersecting || entry.target.cogPressed) return
    entry.target.cogPressed = true
    entry.target.click()
  }), {rootMargin: '200px'})
  const lookOut = () => root.querySelectorAll('.cog-later').forEach(button => seen.observe(button))

  // Panels between two wide ones share rows of about as many each, so that no place stays empty.
  const share = () => {
    const width = right.clientWidth, most = Math.max(1, Math.floor((width + GAP) / (LEAST + GAP)))
    let group = []
    const lay = () => {
      const rows = Math.ceil(group.length / most)
      let left = group.slice()
      for (let row = rows; row > 0; row--) { // the first rows have one less: what stands first is what matters most
        const n = Math.floor(left.length / row)
        left.splice(0, n).forEach(panel =>
          panel.style.setProperty('--cog-basis', `calc((100% - ${(n - 1) * GAP + 1}px) / ${n})`))
      }
      group = []
    }
    for (const panel of right.children) {
      if (panel.classList.contains('cog-wide')) lay()
      else group.push(panel)
    }
    lay()
  }

  const words = element => {
    const copy = element?.cloneNode(true) // without the code that is folded away in a title
    copy?.querySelectorAll?.('.cog-code').forEach(one => one.remove())
    return (copy?.textContent || '').replace(/\?\s*$/, '').replace(/\s+/g, ' ').trim()
  }
  const hint = element => element.closest('[title]:not([title=""])')?.title || ''
  const put = (element, name, value) => {
    if (value && element.getAttribute(name) !== value) element.setAttribute(name, value)
  }

  // Fields are named by what stands above or beside them, else by their tooltip.
  const nameFields = () => {
    const fields = 'input:not([type=hidden]), select, textarea, button, [role=slider]'
    for (const field of root.querySelectorAll(fields)) {
      if (field.tagName === 'BUTTON' ? words(field) : field.labels?.length && words(field.labels[0])) continue
      const row = field.closest('.cog-field, .cog-row, .cog-slider-row')
      const label = words(row?.querySelector('.cog-name, .widget-label'))
      const icon = field.querySelector?.('i.fa')?.className.match(/fa-(?!fw)[\w-]+/)?.[0].slice(3)
      put(field, 'aria-label', label || hint(field) || icon || words(field.closest('.cog-panel')?.querySelector('.cog-title')))
    }
    for (const group of root.querySelectorAll('.widget-toggle-buttons .widget-toggle-button, .cog-drawer-button'))
      put(group, 'aria-pressed', String(group.classList.contains('mod-active')))
    for (const progress of root.querySelectorAll('[role=progressbar], .progress')) {
      put(progress, 'role', 'progressbar')
      put(progress, 'aria-label', 'steps done')
    }
  }

  // The text twin of a figure: its title, its axes, and what is written in its panel.
  const tellFigures = () => {
    for (const figure of root.querySelectorAll('.bqplot.figure')) {
      const panel = figure.closest('.cog-panel'), title = words(panel?.querySelector('.cog-title')) || 'figure'
      const axes = [...figure.querySelectorAll('text.axislabel, tspan.axislabel')].map(words).filter(Boolean)
      const told = [...(panel?.querySelectorAll('[class*=cog-readout], [class*=cog-words], .cog-legend') || [])].map(words)
      const sentence = [`${title}${axes.length ? `: ${axes.reverse().join(' against ')}` : ''}`, ...told.filter(Boolean)].join('. ')
      put(figure, 'role', 'img')
      put(figure, 'aria-label', `${sentence}.`)
    }
  }

  // All of it again whenever widgets came or went; not for every curve that is drawn.
  let due = 0
  const again = () => {
    due ||= setTimeout(() => { due = 0; lookOut(); share(); nameFields(); tellFigures() }, 300)
  }
  const foreign = record => !record.target.closest?.('svg')
  new MutationObserver(records => records.some(foreign) && again()).observe(root, {childList: true, subtree: true})
  new ResizeObserver(share).observe(right)
  new ResizeObserver(() => root.style.setProperty('--cog-bar', `${bar.offsetHeight}px`)).observe(bar)
  root.addEventListener('keydown', event => {
    const button = root.querySelector('.cog-drawer-button.mod-active')
    if (event.key === 'Escape' && button) { button.click(); button.focus() }
  }, true) // before a field keeps the key for itself

  // A file that this page's server would cut the connection for is not sent.
  const limit = () => (document.body.dataset.cogLargest || 10) * 2 ** 20, mega = bytes => Math.ceil(bytes / 2 ** 20)
  const refuse = upload => event => {
    root.querySelectorAll('.cog-refused').forEach(one => one.remove())
    const file = event.target.files[0], most = limit()
    if (!file || file.size < 0.95 * most) return
    event.stopImmediatePropagation()
    const told = document.createElement('div')
    told.className = 'cog-refused'
    told.setAttribute('role', 'alert')
    told.textContent = `${file.name} has ${mega(file.size)} MB, and this page can send ${mega(most)} MB. Compress it (.gz), or read it ` +
      'in Python and pass it on: cl.Lab(cl.read_table("' + file.name + '")).'
    upload.parentElement.after(told)
  }
  root.addEventListener('click', event => {
    const upload = event.target.closest('.widget-upload')
    if (!upload) return
    const open = HTMLInputElement.prototype.click // of an input that is on no page, so that nothing bubbles up from it
    HTMLInputElement.prototype.click = function () {
      HTMLInputElement.prototype.click = open
      if (!this.cogWatched) this.addEventListener('change', refuse(upload), {capture: true})
      this.cogWatched = true
      open.call(this)
    }
  }, true)
  lookOut(); share(); again()
})
