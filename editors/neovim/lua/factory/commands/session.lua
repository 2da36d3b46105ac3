local async = require('factory.async')
local client = require('factory.client')
local pick = require('factory.pick')

local M = {}

function M.start(text)
  local workspace = pick.current_workspace()
  local prompt = text ~= '' and text or async.input('What should Claude do? Empty: it waits')
  client.execute('factory.session.start', { workspace = workspace.id, prompt = prompt ~= '' and prompt or nil })
end

function M.send(text)
  local session = pick.session(pick.current_workspace())
  local prompt = text ~= '' and text or async.required_input('Message to Claude')
  client.execute('factory.session.send', { session = session.id, prompt = prompt })
end

function M.stop()
  client.execute('factory.session.stop', { session = pick.session(pick.current_workspace()).id })
end

---Question → the chosen label.
---@param questions table[]
---@return table<string, string>
local function answers(questions)
  local given = {}
  for _, question in ipairs(questions) do
    given[question.question] = async.select(question.options, question.question, function(option)
      return option.description and ('%s: %s'):format(option.label, option.description) or option.label
    end).label
  end
  return given
end

---@param request table
---@return table
local function decide(request)
  if type(request.input) == 'table' and request.input.questions then
    return { decision = 'allow', answers = answers(request.input.questions) }
  end
  local labels = { allow = 'Allow', allowAlways = 'Always allow in this session', deny = 'Deny' }
  local decision = async.select({ 'allow', 'allowAlways', 'deny' }, request.title, function(choice)
    return labels[choice]
  end)
  if decision ~= 'deny' then
    return { decision = decision }
  end
  local message = async.input('What should Claude do instead? May be empty')
  return { decision = decision, message = message ~= '' and message or nil }
end

---Any workspace's: a session elsewhere that waits should not need its window first.
function M.answer()
  local asks = {}
  for _, workspace in ipairs(pick.live_workspaces()) do
    for _, session in ipairs(workspace.sessions) do
      for _, request in ipairs(session.pending) do
        table.insert(asks, { workspace = workspace, session = session, request = request })
      end
    end
  end
  if #asks == 0 then
    error('Claude asks nothing now.', 0)
  end
  local ask = async.select(asks, 'What Claude asks', function(ask)
    return ('%s: %s'):format(ask.workspace.name, ask.request.title)
  end)
  local answer = decide(ask.request)
  answer.session, answer.request = ask.session.id, ask.request.request
  client.execute('factory.session.answer', answer)
end

return M
