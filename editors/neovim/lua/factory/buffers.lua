-- `factory://session/ID` and `factory://log/WORKSPACE/CHECK`: read when opened and by `:edit`, and they grow.
local async = require('factory.async')
local client = require('factory.client')
local colours = require('factory.colours')
local transcript = require('factory.transcript')
local value = require('factory.status').value

local M = {}

local PAGE = 500

---@type table<integer, {workspace: string, check: string, reading: boolean}> buffer of a log → what it shows
local logs = {}

---@type table<string, {bufnr: integer, transcript: factory.Transcript, reading: boolean}> session id → its buffer
local sessions = {}

---Adds lines, and takes windows along that stand on the last line.
---@param bufnr integer
---@param lines string[]
---@param from integer 0: replaces everything
local function put(bufnr, lines, from)
  local last = vim.api.nvim_buf_line_count(bufnr)
  local following = vim.tbl_filter(function(window)
    return vim.api.nvim_win_get_cursor(window)[1] >= last
  end, vim.fn.win_findbuf(bufnr))
  vim.bo[bufnr].modifiable = true
  vim.api.nvim_buf_set_lines(bufnr, from, -1, false, lines)
  vim.bo[bufnr].modifiable = false
  vim.bo[bufnr].modified = false
  for _, window in ipairs(following) do
    vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(bufnr), 0 })
  end
end

---@param bufnr integer
---@param filetype string
local function prepare(bufnr, filetype)
  vim.bo[bufnr].buftype, vim.bo[bufnr].swapfile, vim.bo[bufnr].filetype = 'nofile', false, filetype
end

---@param shown {bufnr: integer, transcript: factory.Transcript}
---@param events {seq: integer, event: table}[]
local function grow(shown, events)
  local first = vim.api.nvim_buf_line_count(shown.bufnr) == 1
    and vim.api.nvim_buf_get_lines(shown.bufnr, 0, 1, false)[1] == ''
  local lines = {}
  for _, line in ipairs(events) do
    vim.list_extend(lines, transcript.lines(shown.transcript, line.seq, line.event))
  end
  if #lines > 0 then
    put(shown.bufnr, lines, first and 0 or -1)
  end
end

---@param id string
local function read(id)
  local shown = sessions[id]
  if not shown or shown.reading then
    return
  end
  shown.reading = true
  async.run(function()
    local ok, problem = pcall(function()
      repeat
        local params = { session = id, after = shown.transcript.seen, limit = PAGE }
        local events = client.execute('factory.session.transcript', params).events
        if not vim.api.nvim_buf_is_valid(shown.bufnr) then
          sessions[id] = nil
          return
        end
        grow(shown, events)
      until #events == 0
    end)
    shown.reading = false
    if not ok then
      error(problem, 0)
    end
  end)
end

---`factory/sessionEvent`: a buffer that shows the session grows. A gap is filled from the transcript.
---@param params {session: string, seq: integer, event: table}
function M.session_event(params)
  local shown = sessions[params.session]
  if not shown or shown.reading then
    return
  end
  if not vim.api.nvim_buf_is_valid(shown.bufnr) then
    sessions[params.session] = nil
  elseif params.seq > shown.transcript.seen + 1 then
    read(params.session)
  else
    grow(shown, { params })
  end
end

---@param bufnr integer
---@param id string
local function open_session(bufnr, id)
  prepare(bufnr, 'markdown')
  put(bufnr, {}, 0)
  sessions[id] = { bufnr = bufnr, transcript = transcript.new(), reading = false }
  read(id)
end

---Reads a log that is shown. What was there already stays, and with it folds and cursor.
---@param bufnr integer
local function read_log(bufnr)
  local shown = logs[bufnr]
  if shown.reading then
    return
  end
  shown.reading = true
  async.run(function()
    local params = { workspace = shown.workspace, check = shown.check, styles = true }
    local err, log = client.try('factory.ci.log', params)
    shown.reading = false
    if err then
      error(client.describe(err), 0)
    end
    if not vim.api.nvim_buf_is_valid(bufnr) then
      logs[bufnr] = nil
      return
    end
    local lines, before = vim.split(log.text, '\n'), vim.api.nvim_buf_get_lines(bufnr, 0, -1, false)
    local same = 0
    while same < #before and before[same + 1] == lines[same + 1] do
      same = same + 1
    end
    if same < math.max(#lines, #before) then
      put(bufnr, vim.list_slice(lines, same + 1), same)
    end
    colours.apply(bufnr, lines, value(log.styles) or {})
  end)
end

---@param bufnr integer
---@param workspace string
---@param check string
local function open_log(bufnr, workspace, check)
  prepare(bufnr, 'log')
  logs[bufnr] = { workspace = workspace, check = check, reading = false }
  read_log(bufnr)
  vim.api.nvim_buf_call(bufnr, function()
    vim.opt_local.foldmethod = 'expr'
    vim.opt_local.foldexpr = "v:lua.require'factory.buffers'.fold_of(getline(v:lnum))"
    vim.opt_local.foldlevel = 99
  end)
end

---'foldexpr' of a log: the steps of a job and the groups in them.
---@param line string
---@return string
function M.fold_of(line)
  local text = line:gsub('^%d+%-%d+%-%d+T[%d:.]+Z ', '')
  if vim.startswith(text, '##[group]Run ') or vim.startswith(text, 'Post job cleanup.') then
    return '>1'
  elseif vim.startswith(text, '##[group]') then
    return '>2'
  elseif vim.startswith(text, '##[endgroup]') then
    return '<2'
  end
  return '='
end

---`factory/stateChanged`: a log that is shown may be of another run now.
---@param workspaces string[]
function M.state_changed(workspaces)
  for bufnr, shown in pairs(logs) do
    if not vim.api.nvim_buf_is_valid(bufnr) then
      logs[bufnr] = nil
    elseif vim.list_contains(workspaces, shown.workspace) then
      read_log(bufnr)
    end
  end
end

---BufReadCmd of `factory://*`.
---@param bufnr integer
---@param name string
function M.open(bufnr, name)
  local session = name:match('^factory://session/(.+)$')
  local workspace, check = name:match('^factory://log/([^/]+)/(.+)$')
  if session then
    open_session(bufnr, session)
  elseif workspace then
    open_log(bufnr, workspace, vim.uri_decode(check))
  else
    vim.notify(('Factory: there is no %s (:help factory-buffers)'):format(name), vim.log.levels.ERROR)
  end
end

---@param name string
function M.show(name)
  vim.cmd.split({ args = { vim.fn.fnameescape(name) } })
end

return M
