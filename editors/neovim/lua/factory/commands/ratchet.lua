local client = require('factory.client')
local pick = require('factory.pick')
local window = require('factory.window')

local M = {}

function M.on()
  local workspace = pick.current_workspace()
  local ratchet = client.execute('factory.ratchet.enable', { workspace = workspace.id })
  vim.notify(('Factory: the ratchet of %s is on. %s'):format(workspace.name, ratchet.reason))
end

function M.off()
  local workspace = pick.current_workspace()
  client.execute('factory.ratchet.disable', { workspace = workspace.id })
  vim.notify(('Factory: the ratchet of %s is off.'):format(workspace.name))
end

---Asks GitHub and decides at once, instead of at the next poll.
function M.check()
  local workspace = pick.current_workspace()
  local ratchet = client.execute('factory.ratchet.check', { workspace = workspace.id })
  vim.notify(('Factory: %s: %s'):format(workspace.name, ratchet.reason))
end

---Opens the rules in order, each with what it saw and said.
function M.explain()
  local workspace = pick.current_workspace()
  local ratchet = client.execute('factory.ratchet.explain', { workspace = workspace.id })
  local lines = {
    '# Ratchet of ' .. workspace.name,
    '',
    ('%s: %s'):format(ratchet.enabled and ratchet.state or 'Off', ratchet.reason),
    '',
    ('Attempts: %d of %d'):format(ratchet.attempts, ratchet.maxAttempts),
    '',
  }
  for _, step in ipairs(ratchet.trace or {}) do
    table.insert(lines, ('- %s: %s. %s'):format(step.rule, step.saw, step.said))
  end
  local flat = vim.tbl_map(function(line)
    return (line:gsub('%s*\n%s*', ' '))
  end, lines)
  window.show(flat, 'markdown')
end

return M
