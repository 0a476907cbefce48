import BantamGraph
import Testing

/// Compares the groups with their description: for each its producers, carriers and consumers as `name.axis`.
func expectGroups(
    _ graph: Graph, _ description: String, ignoringObstacles: Bool = false,
    attention: AttentionChannels = .headDimensions, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let groups = try ChannelGroups(of: graph, attention: attention).groups.filter {
        !ignoringObstacles || $0.isPrunable
    }
    let text = groups.map { group in
        let parts: [(String, ChannelGroup.Part)] = [
            ("produced", .producer), ("carried", .carrier), ("consumed", .consumer),
        ]
        let lines = parts.compactMap { verb, part -> String? in
            let members = group.members.filter { $0.part == part }.map { "\(graph[$0.value].name).\($0.axis)" }
            return members.isEmpty ? nil : "  \(verb) by \(members.joined(separator: " "))"
        }
        let obstacle = group.obstacle.map { ", but \($0)" } ?? ""
        return (["\(group.label): \(group.channelCount)\(obstacle)"] + lines).joined(separator: "\n")
    }
    #expect(text.joined(separator: "\n") == description, sourceLocation: sourceLocation)
}

/// The indices of each channel of a group along the axis of a constant.
func channelIndices(
    _ graph: Graph, group: Int, _ name: String, _ attention: AttentionChannels = .headDimensions
) throws -> [[Int]] {
    let group = try ChannelGroups(of: graph, attention: attention).groups[group]
    let member = try #require(group.members.first { graph[$0.value].name == name })
    return (0..<group.channelCount).map { Array(member.indices(of: $0)) }
}
