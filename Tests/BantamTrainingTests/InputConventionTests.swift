import BantamGraph
import BantamMedia
import BantamNetwork
import BantamTraining
import Testing

@Suite struct InputConventionTests {
    @Test func `At the published size the convention holds as it is`() throws {
        let preprocessing = try Preprocessing(
            .imageNet(), inputShape: [3, 224, 224], publishedShape: [3, 224, 224])
        #expect(preprocessing == .imageNet())
        let clips = try Preprocessing(.kinetics, inputShape: [3, 16, 112, 112], publishedShape: [3, 16, 112, 112])
        #expect(clips == .kinetics())
    }

    @Test func `At another size the margin around the crop stays in proportion`() throws {
        let small = try Preprocessing(.imageNet(), inputShape: [3, 96, 96], publishedShape: [3, 224, 224])
        #expect(small.resize == .shorterSide(pixels: 110) && small.crop == ImageExtent(side: 96))
        let wide = try Preprocessing(.imageNet(), inputShape: [3, 224, 320], publishedShape: [3, 224, 224])
        #expect(wide.resize == .shorterSide(pixels: 366) && wide.crop == ImageExtent(width: 320, height: 224))
        let clips = try Preprocessing(.kinetics, inputShape: [3, 8, 56, 56], publishedShape: [3, 16, 112, 112])
        #expect(clips.resize == .exact(width: 86, height: 64) && clips.clip?.frameCount == 8)
    }

    @Test func `Without a margin images are scaled to the input`() throws {
        let preprocessing = try Preprocessing(.cifar, inputShape: [3, 48, 48], publishedShape: [3, 32, 32])
        #expect(preprocessing.resize == .exact(width: 48, height: 48))
    }
}
