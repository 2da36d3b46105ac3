-- What Claude asks, in a window that never takes the cursor. It goes when it was answered, wherever that was.
local client = require('factory.client')

local M = {}

---@class factory.Ask
---@field workspace table
---@field session table
---@field request table

---@type integer?
local window
---@type integer?
local buffer

---All that waits for the user, in all workspaces.
---@param workspaces table[]
---@return factory.Ask[]
function M.of(workspaces)
  local asks = {}
  for _, workspace in ipairs(workspaces) do
    for _, session in ipairs(workspace.status ~= 'ARCHIVED' and workspace.sessions or {}) do
      for _, request in ipairs(session.pending) do
        table.insert(asks, { workspace = workspace, session = session, request = request })
      end
    end
  end
  return asks
end

---@param ask factory.Ask
---@return string
function M.label(ask)
  return ('%s: %s'):format(ask.workspace.name, ask.request.title:match('[^\n]*'))
end

local function close()
  if window and vim.api.nvim_win_is_valid(window) then
    vim.api.nvim_win_close(window, true)
  end
  window = nil
end

---@param asks factory.Ask[]
local function show(asks)
  local lines = vim.tbl_map(M.label, asks)
  table.insert(lines, ':Factory session answer [allow|always|deny]')
  local width = 0
  for index, line in ipairs(lines) do
    lines[index] = ' ' .. line .. ' '
    width = math.max(width, vim.fn.strdisplaywidth(lines[index]))
  end
  if not buffer or not vim.api.nvim_buf_is_valid(buffer) then
    buffer = vim.api.nvim_create_buf(false, true)
  end
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  local place = {
    relative = 'editor',
    anchor = 'NE',
    row = 1,
    col = vim.o.columns,
    width = math.min(width, math.max(vim.o.columns - 4, 1)),
    height = #lines,
    style = 'minimal',
    border = 'rounded',
    title = ' Claude asks ',
    focusable = false,
    zindex = 60,
  }
  -- A window belongs to a tabpage: one that is left behind in another is made again here.
  if window and vim.api.nvim_win_is_valid(window) then
    if vim.api.nvim_win_get_tabpage(window) == vim.api.nvim_get_current_tabpage() then
      vim.api.nvim_win_set_config(window, place)
      return
    end
    close()
  end
  place.noautocmd = true
  window = vim.api.nvim_open_win(buffer, false, place)
end

---Shows what waits now, or nothing.
---@param lsp vim.lsp.Client
function M.refresh(lsp)
  if not client.offers(lsp, 'factory.workspace.list') then
    return
  end
  client.send(lsp, 'factory.workspace.list', {}, function(err, workspaces)
    local asks = not err and M.of(workspaces) or {}
    if #asks > 0 then
      show(asks)
    else
      close()
    end
  end)
end

return M
