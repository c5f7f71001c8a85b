'use client'

import { Search, X } from 'lucide-react'
import { useEffect, useRef, useState, type RefObject } from 'react'
import { Button } from '@/components/ui/button'
import { control } from '@/components/ui/field'
import { cn } from '@/lib/cn'
import { longestSearch, tidySearch } from './events-query'

/** How long typing must pause before it is searched for, in ms. */
const pause = 300

/** Searches while one types; at once on Enter and when it is cleared. "/" leads to it from anywhere on the page. */
export function SearchField({ search, onSearch }: { search: string; onSearch: (search: string) => void }) {
  const [text, setText] = useState(search)
  const [asked, setAsked] = useState(search)
  const [seen, setSeen] = useState(search)
  const field = useRef<HTMLInputElement>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  // The address has changed, and not by what was asked for here: show what it says.
  if (search !== seen) {
    setSeen(search)
    if (search !== asked) {
      setAsked(search)
      setText(search)
    }
  }

  useEffect(() => () => clearTimeout(timer.current), [])
  useSlash(field)

  function ask(next: string) {
    clearTimeout(timer.current)
    setAsked(tidySearch(next))
    onSearch(tidySearch(next))
  }

  function type(next: string) {
    clearTimeout(timer.current)
    setText(next)
    timer.current = setTimeout(() => ask(next), pause)
  }

  function clear() {
    setText('')
    ask('')
    field.current?.focus()
  }

  return (
    <search className="min-w-0 flex-1">
      <form
        className="relative"
        onSubmit={(event) => {
          event.preventDefault()
          ask(text)
        }}
      >
        <Search aria-hidden className="pointer-events-none absolute top-3.5 left-3.5 size-4 text-ink-faint" />
        <input
          ref={field}
          type="search"
          dir="auto"
          enterKeyHint="search"
          autoComplete="off"
          spellCheck={false}
          maxLength={longestSearch}
          aria-label="Search events by title"
          aria-keyshortcuts="/"
          placeholder="Search events"
          value={text}
          onChange={(event) => type(event.target.value)}
          className={cn(control, 'pr-12 pl-10 [&::-webkit-search-cancel-button]:hidden')}
        />
        {text ? (
          <Button variant="quiet" square aria-label="Clear search" onClick={clear} className="absolute top-0 right-0">
            <X aria-hidden className="size-4" />
          </Button>
        ) : (
          <kbd aria-hidden className="pointer-events-none absolute top-3 right-3 hidden h-5 min-w-5 rounded border border-line bg-canvas text-center font-sans text-xs leading-4.5 text-ink-faint sm:block">
            /
          </kbd>
        )}
      </form>
    </search>
  )
}

/** Has "/" put the cursor into a field, unless it is typed into something or a dialog is open. */
function useSlash(field: RefObject<HTMLInputElement | null>) {
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      const at = event.target
      if (at instanceof HTMLElement && at.closest('input, textarea, select, [contenteditable], dialog')) return
      event.preventDefault()
      field.current?.focus()
      field.current?.select()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [field])
}
