-- usage: nvim --headless … -l story.lua HOW FILE
-- The diagnostics appear, move with the text, one is repaired by its quick fix, the other by the ratchet.
local how, file = unpack(arg)
local support = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/support.lua')
support.open(file, how)
local worktree = vim.fs.root(0, '.git')

---@return table<string, integer> message → line, 1-based
local function shown()
  local lines = {}
  for _, diagnostic in ipairs(vim.diagnostic.get(0)) do
    lines[diagnostic.message] = diagnostic.lnum + 1
  end
  return lines
end

---Waits for two diagnostics, in other places than before.
---@param before table<string, integer>
local function placed(before)
  local now
  support.wait('two diagnostics at other lines', function()
    now = shown()
    return vim.tbl_count(now) == 2 and not vim.deep_equal(now, before)
  end)
  return now
end

local first = placed({})
local sources = vim.tbl_map(function(diagnostic)
  return diagnostic.source
end, vim.diagnostic.get(0))
table.sort(sources)
local failed = ''
support.wait('the statusline', function()
  failed = require('factory').statusline()
  return failed ~= ''
end)

vim.api.nvim_buf_set_lines(0, 0, 0, false, { '# one line above', '# and another' })
local moved = placed(first)
vim.cmd('edit!')
placed(moved)

vim.api.nvim_win_set_cursor(0, { 3, 0 })
vim.lsp.buf.code_action({
  apply = true,
  filter = function(action)
    return vim.startswith(action.title, 'Fix with Claude')
  end,
})
local function text()
  vim.cmd('silent! checktime')
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
end
support.wait('a session', function()
  return support.call('factory.session.list', { workspace = worktree })[1]
end)
local window = vim.api.nvim_get_current_win()
vim.cmd('Factory session open')
local transcript
support.wait('the transcript, as it grows', function()
  transcript = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  return transcript:find('Repaired.', 1, true)
end)
local id = support.call('factory.workspace.get', { workspace = worktree }).id
vim.cmd.split(('factory://log/%s/test'):format(id))
support.wait('the log', function()
  return vim.fn.search('ZeroDivisionError', 'w') > 0
end)
support.wait('what failed, in red', function()
  local found = vim.api.nvim_get_namespaces()['factory.log']
  local marks = found and vim.api.nvim_buf_get_extmarks(0, found, 0, -1, { details = true }) or {}
  return vim.iter(marks):any(function(mark)
    local line = vim.api.nvim_buf_get_lines(0, mark[2], mark[2] + 1, false)[1]
    return mark[4].hl_group == 'FactoryLog_red' and line:find('Process completed with exit code', 1, true)
  end)
end)
vim.api.nvim_set_current_win(window)
vim.cmd.only()

support.wait('the quick fix repairs the import', function()
  local sessions = support.call('factory.session.list', { workspace = worktree })
  return sessions[1] and sessions[1].status == 'IDLE' and not text():find('import math', 1, true)
end)

local function git(...)
  local result = vim.system({ 'git', ... }, { cwd = worktree, text = true }):wait()
  assert(result.code == 0, result.stderr)
  return vim.trim(result.stdout)
end
git('commit', '--quiet', '--all', '--message', 'Remove an import')
vim.cmd('Factory pr push')
local head = git('rev-parse', 'HEAD')
support.wait('GitHub has the push', function()
  return support.call('factory.pr.get', { workspace = worktree }).headSha == head
end)

vim.cmd('Factory ratchet on')
local green = ''
local is_green = vim.wait(60000, function()
  green = require('factory').statusline()
  return green:find('READY', 1, true) ~= nil and #vim.diagnostic.get(0) == 0
end, 20)
assert(is_green, vim.inspect({ green, shown(), support.call('factory.workspace.get', { workspace = worktree }) }))
support.finish({
  first = first,
  moved = moved,
  sources = sources,
  failed = failed,
  green = green,
  text = text(),
  transcript = transcript,
})
