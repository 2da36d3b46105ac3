-- Starting the server: by `vim.lsp.enable` where Neovim has it, by an autocommand in 0.10.
local server = require('factory.server')

local M = {}

---The repository or worktree a buffer's file lies in.
---@param bufnr integer
---@return string?
local function root_of(bufnr)
  local name = vim.api.nvim_buf_get_name(bufnr)
  if vim.bo[bufnr].buftype ~= '' or name == '' or name:match('^%a[%w+.-]*://') then
    return nil
  end
  return vim.fs.root(bufnr, '.git')
end

local warned = false

---@param root string
---@return string[]?
local function command_for(root)
  local command, problem = server.find(root)
  if not command and not warned then
    warned = true -- once: every opened file would say it again
    vim.notify('Factory: ' .. problem, vim.log.levels.WARN)
  end
  return command
end

---Asks `client_id` what waits for the user, and shows it.
---@param client_id integer
local function show_asks(client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  if client then
    require('factory.asks').refresh(client)
  end
end

local function state_changed(_, params, context)
  require('factory.status').refresh(context.client_id)
  require('factory.buffers').state_changed(params.workspaces)
  show_asks(context.client_id)
end

---Neovim's own handler would take the cursor from someone who types. What Claude asks is shown beside the text; null
---leaves the question open at the server.
local function asked(_, params, context)
  if not vim.startswith(params.message, 'Claude in ') then
    vim.notify('Factory: ' .. params.message)
  end
  show_asks(context.client_id)
  return vim.NIL
end

---@return table config for `vim.lsp.config` and `vim.lsp.start`
function M.config()
  return {
    name = 'factory',
    -- No filetypes: CI speaks of any file.
    root_dir = function(bufnr, on_dir)
      local root = root_of(bufnr)
      if root and command_for(root) then
        on_dir(root)
      end
    end,
    cmd = function(dispatchers, config)
      -- Some versions do not give the config; then it is the current file that is being attached.
      local root = config and config.root_dir or root_of(0)
      local command = assert(server.find(root))
      return vim.lsp.rpc.start(command, dispatchers, { cwd = root })
    end,
    settings = { factory = require('factory').options.settings or vim.empty_dict() },
    handlers = {
      ['factory/stateChanged'] = state_changed,
      ['factory/sessionEvent'] = function(_, params)
        require('factory.buffers').session_event(params)
      end,
      ['window/showMessageRequest'] = asked,
    },
    on_attach = function(client)
      local virtual_text = require('factory').options.virtual_text
      if virtual_text ~= nil then
        vim.diagnostic.config({ virtual_text = virtual_text }, vim.lsp.diagnostic.get_namespace(client.id))
      end
      require('factory.status').refresh(client.id)
      show_asks(client.id)
    end,
  }
end

---@param bufnr integer
local function start(bufnr)
  local root = root_of(bufnr)
  local command = root and command_for(root)
  if command then
    local config = vim.tbl_extend('force', M.config(), { cmd = command, cmd_cwd = root, root_dir = root })
    vim.lsp.start(config, { bufnr = bufnr })
  end
end

function M.enable()
  if vim.lsp.enable then
    vim.lsp.enable('factory') -- reads lsp/factory.lua
    return
  end
  vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
    group = vim.api.nvim_create_augroup('factory', { clear = true }),
    callback = function(event)
      start(event.buf)
    end,
  })
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(bufnr) then
      start(bufnr)
    end
  end
end

---@param client vim.lsp.Client
---@param force? boolean
local function stop(client, force)
  if vim.fn.has('nvim-0.11') == 1 then
    client:stop(force)
  else
    client.stop(force)
  end
end

---@param client vim.lsp.Client
---@param tries integer 20 ms each; the last one kills
---@param callback fun()
local function when_gone(client, tries, callback)
  if not vim.lsp.get_client_by_id(client.id) then
    callback()
    return
  end
  if tries == 0 then
    stop(client, true)
  end
  vim.defer_fn(function()
    when_gone(client, tries - 1, callback)
  end, 20)
end

---Stops the server of every repository and starts it again for the files it had.
function M.restart()
  for _, client in ipairs(vim.lsp.get_clients({ name = 'factory' })) do
    local buffers = vim.lsp.get_buffers_by_client_id(client.id)
    stop(client)
    when_gone(client, 100, function()
      vim.iter(buffers):filter(vim.api.nvim_buf_is_valid):each(start)
    end)
  end
end

return M
