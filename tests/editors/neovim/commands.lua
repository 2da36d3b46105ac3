-- usage: nvim --headless … -l commands.lua HOW FILE
-- Runs every :Factory command; what is asked of the user is answered by taking the first choice or typing `typed`.
local how, file = unpack(arg)
local support = dofile(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)) .. '/support.lua')
local asked, told = {}, {}
vim.ui.select = function(items, options, callback)
  table.insert(asked, options.format_item(items[1]))
  callback(items[1], 1)
end
vim.ui.input = function(_, callback)
  callback('typed')
end
vim.notify = function(text)
  table.insert(told, text)
end
support.open(file, how)
support.diagnostic('')

local function completed(line)
  return vim.fn.getcompletion(line, 'cmdline')
end

local record = vim.env.TOY_RECORD
local function sent()
  local file_ = io.open(record)
  local text = file_ and file_:read('*a') or ''
  if file_ then
    file_:close()
  end
  return text
end

-- Each in turn, to the end: the server command a line must have brought, with a mark of its argument.
local lines = {
  { 'ci fix-check', '"check": "tests"' },
  { 'ci fix-file', '"path": "src/broken.py"' },
  { 'ci log', 'factory.ci.log' },
  { 'ci rerun-failed', 'factory.pr.rerunFailed' },
  { 'ci problems', 'factory.ci.problems' },
  { 'ci file-problems', '"path": "src/broken.py"' },
  { 'pr refresh', 'factory.pr.refresh' },
  { 'pr push', 'factory.pr.push' },
  { 'pr create A title', '"title": "A title"' },
  { 'ratchet on', 'factory.ratchet.enable' },
  { 'ratchet off', 'factory.ratchet.disable' },
  { 'ratchet explain', 'factory.ratchet.explain' },
  { 'ratchet check', 'factory.ratchet.check' },
  { 'session start make it green', '"prompt": "make it green"' },
  { 'session send and quickly', '"prompt": "and quickly"' },
  { 'session open', 'factory.session.transcript' },
  { 'session answer', '"decision": "allow"' },
  { 'session interrupt', 'factory.session.interrupt' },
  { 'session stop', 'factory.session.stop' },
  { 'session continue', 'factory.session.resume' },
  { 'session answer deny', '"decision": "deny"' },
  { 'workspace create', '"kind": "MANUAL"' },
  { 'workspace archive', '"force": true' },
  { 'workspace list', 'factory.workspace.list' },
  { 'status', 'factory.hub.status' },
}
local problem, colour
for _, line in ipairs(lines) do
  vim.cmd('Factory ' .. line[1])
  support.wait(line[1], function()
    return sent():find(line[2], 1, true)
  end)
  if line[1] == 'ci log' then
    support.wait('the coloured log', function()
      local marks = vim.api.nvim_buf_get_extmarks(0, vim.api.nvim_create_namespace('factory.log'), 0, -1, {
        details = true,
      })
      local line_ = vim.api.nvim_buf_get_lines(0, 4, 5, false)[1]
      colour = marks[3] and { line_:sub(marks[3][3] + 1, marks[3][4].end_col), marks[3][4].hl_group }
      return colour and vim.fn.foldlevel(2) == 1
    end)
  end
  if line[1] == 'ci problems' then
    support.wait('the quickfix list', function()
      problem = vim.fn.getqflist()[1]
      return problem
    end)
  end
  vim.cmd('silent! only | silent! tabonly')
  vim.cmd.edit(file)
end

vim.cmd('Factory workspace open')
support.wait('a tab in the worktree', function()
  return vim.fn.tabpagenr('$') == 2 and vim.fn.haslocaldir(-1, 0) == 1
end)
vim.cmd('tabclose')
vim.cmd('Factory nonsense')
vim.cmd('Factory session nonsense')

-- A server that was restarted serves the same files again.
local before = vim.lsp.get_clients({ name = 'factory' })[1].id
vim.cmd('Factory server restart')
support.wait('another server', function()
  local client = vim.lsp.get_clients({ name = 'factory', bufnr = 0 })[1]
  return client and client.id ~= before and client.initialized
end)

-- What the toy server never says: why nothing goes on.
local transcript = require('factory.transcript')
local shown, notes = transcript.new(), {}
for seq, event in ipairs({
  { type = 'factory/notPushed', why = 'Somebody pushed.' },
  { type = 'factory/handedBack', why = { '`make test` still fails' } },
  { type = 'factory/held', why = 'The login has ended.' },
  { type = 'factory/red', command = 'make test', code = vim.NIL },
  { type = 'system', subtype = 'api_retry', error_status = 529 },
  { type = 'system', subtype = 'init' },
  { type = 'result', is_error = true, terminal_reason = 'aborted_streaming' },
}) do
  vim.list_extend(notes, transcript.lines(shown, seq, event))
end

support.finish({
  notes = vim.tbl_filter(function(line)
    return line ~= ''
  end, notes),
  asked = asked,
  told = told,
  groups = completed('Factory '),
  sessions = completed('Factory session s'),
  answers = completed('Factory session answer '),
  colour = colour,
  quickfix = { line = problem.lnum, text = problem.text, file = vim.api.nvim_buf_get_name(problem.bufnr) },
})
