import BantamGraph
import BantamMedia
import Testing

@Suite struct PreprocessingJSONTests {
    /// The text of the error that reading `json` gives; empty for none.
    private func refusal(_ json: String) -> String {
        do throws(MediaError) {
            _ = try Preprocessing(json: json)
            return ""
        } catch {
            #expect(error.code == .invalidPreprocessing)
            #expect(error.message.hasSuffix("."))
            return error.message
        }
    }

    @Test func `Keys that are left out have their defaults`() throws {
        let short = try Preprocessing(json: #"{"colorOrder":"gray","mean":[0.5],"std":1,"clip":{"frameCount":8}}"#)
        #expect(short == (try Preprocessing(colorOrder: .gray, mean: [0.5], clip: ClipSampling(frameCount: 8))))
        #expect(try Preprocessing(json: #"{"mean":0,"std":[1],"crop":null}"#) == Preprocessing())
    }

    @Test(arguments: [
        (#"{"maen":[0],"std":[1]}"#, ["\"maen\"", "\"mean\""]),
        (#"{"mean":[0],"std":[1],"Layout":"channelsLast"}"#, ["\"Layout\"", "\"layout\""]),
        (#"{"mean":[0],"std":[1],"clip":{"frameCount":4,"strde":2}}"#, ["\"clip.strde\"", "\"clip.stride\""]),
        (#"{"mean":[0],"std":[1],"resize":{"shorterside":{"pixels":4}}}"#, ["\"resize.shorterSide\""]),
        (#"{"mean":[0],"std":[1],"resize":{"exact":{"widht":4,"height":4}}}"#, ["\"resize.exact.width\""]),
        (#"{"mean":[0],"std":[1],"crop":{"width":4,"heigth":4}}"#, ["\"crop.heigth\"", "\"crop.height\""]),
        // At another level than it stands.
        (#"{"mean":[0],"std":[1],"frameCount":4}"#, ["\"frameCount\"", "\"clip.frameCount\""]),
        // Far from every key: all are told. And several at once.
        (
            #"{"mean":[0],"std":[1],"normalize":true,"dtype":"u8"}"#,
            ["normalize", "dtype", "colorOrder", "elementType"]
        ),
        (#"{"mean":[0],"std":[1],"resize":{"keep":{"why":1}}}"#, ["resize.keep.why"]),
    ])
    func `An unknown key is named with the nearest known one, at any level`(json: String, names: [String]) {
        let text = refusal(json)
        for name in names { #expect(text.contains(name), "\(text)") }
    }

    @Test func `Mean and std are not guessed, and all that is missing is listed`() {
        let both = refusal(#"{"crop":{"width":4,"height":4}}"#)
        #expect(both.contains("lacks \"mean\" and \"std\"") && both.contains("mean 0 and std 1"), "\(both)")
        #expect(refusal(#"{"mean":[0.5]}"#).contains("lacks \"std\""))
        #expect(refusal(#"{"mean":null,"std":[1]}"#).contains("lacks \"mean\";"))
        let stored = refusal(#"{"colorOrder":"stored"}"#)
        #expect(stored.contains("\"scale\" and \"mean\" and \"std\""), "\(stored)")
        #expect(refusal(#"{"mean":0,"std":1,"crop":{}}"#).contains("\"crop.width\" and \"crop.height\""))
        #expect(refusal(#"{"mean":0,"std":1,"clip":{}}"#).contains("\"clip.frameCount\""))
        #expect(refusal(#"{"mean":0,"std":1,"resize":{}}"#).contains("\"resize\" has no key"))
        #expect(
            refusal(#"{"mean":0,"std":1,"resize":{"keep":{},"shorterSide":{"pixels":3}}}"#)
                .contains("keep and shorterSide"))
    }

    @Test(arguments: [
        (#"{"mean":"0.5","std":1}"#, #""mean" is a text; give a number, or a list of numbers"#),
        (#"{"mean":[0,"x",0],"std":1}"#, #""mean" is a list"#),
        (#"{"mean":0,"std":1,"crop":224}"#, #""crop" is the number 224"#),
        (#"{"mean":0,"std":1,"resize":"keep"}"#, #""resize" is a text; give an object"#),
        (#"{"mean":0,"std":1,"resize":{"shorterSide":256}}"#, #""resize.shorterSide" is the number 256"#),
        (#"{"mean":0,"std":1,"crop":{"width":2.5,"height":2}}"#, #""crop.width" is the number 2.5; give a whole"#),
        (#"{"mean":0,"std":1,"crop":{"width":1e30,"height":2}}"#, #""crop.width""#),
        (#"{"mean":0,"std":1,"scale":true}"#, #""scale" is true or false; give a number"#),
        (#"{"mean":0,"std":1,"clip":[]}"#, #""clip" is a list"#),
        (#"{"mean":0,"std":1,"colorOrder":"cmyk"}"#, #""colorOrder" is "cmyk"; give one of "rgb""#),
        (#"{"mean":0,"std":1,"layout":"NHWC"}"#, #""layout" is "NHWC"; give one of "channelsFirst", "channelsLast""#),
        (#"{"mean":0,"std":1,"elementType":8}"#, #""elementType" is the number 8"#),
        ("[]", "must be a JSON object"), ("3", "must be a JSON object"), ("", "not JSON"), ("{", "not JSON"),
        (#"{"mean":[0]"std":[1]}"#, "not JSON"),
    ])
    func `A value of another kind is named with what it must be`(json: String, text: String) {
        #expect(refusal(json).contains(text), "\(refusal(json))")
    }

    @Test(arguments: [
        #"{"std":[0,1,1],"mean":0}"#, #"{"mean":[1,2],"std":1}"#, #"{"scale":0,"mean":0,"std":1}"#,
        #"{"mean":[],"std":[]}"#, #"{"mean":[],"std":[],"scale":1,"colorOrder":"stored"}"#,
        #"{"mean":[1,2],"std":[1,2,3],"scale":1,"colorOrder":"stored"}"#,
        #"{"mean":0,"std":1,"crop":{"width":0,"height":3}}"#,
        #"{"mean":0,"std":1,"resize":{"shorterSide":{"pixels":-1}}}"#,
        #"{"mean":0,"std":1,"resize":{"exact":{"width":2,"height":2}},"crop":{"width":3,"height":1}}"#,
        #"{"mean":0,"std":1,"clip":{"frameCount":0}}"#, #"{"mean":0,"std":1,"clip":{"frameCount":4,"cropCount":2}}"#,
        #"{"mean":0,"std":1,"clip":{"frameCount":4,"framesPerSecond":-1}}"#,
    ])
    func `Numbers that cannot be meant are refused`(json: String) {
        let code = mediaErrorCode { _ = try Preprocessing(json: json) }
        #expect(code == .invalidPreprocessing || code == .extentMismatch)
    }

    @Test func `Raw pixel values take no normalization`() throws {
        let bytes = try Preprocessing(json: #"{"elementType":"uint8","colorOrder":"bgr"}"#)
        #expect(bytes.scale == 1 && bytes.mean == [0, 0, 0] && bytes.std == [1, 1, 1])
        #expect(try Preprocessing(json: bytes.json()) == bytes)
        for extra in [#""mean":0"#, #""std":[1]"#, #""scale":1"#] {
            #expect(refusal("{\"elementType\":\"uint8\",\(extra)}").contains("leave out"))
        }
        var mixed = bytes
        mixed.mean[1] = 0.5
        #expect(mediaErrorCode { _ = try mixed.json() } == .invalidPreprocessing)
        #expect(Preprocessing.imageNet().asBytes.elementType == .uint8)
    }

    @Test(arguments: [
        #"{"clip":{"clipCount":1,"cropCount":1,"frameCount":16,"framesPerSecond":15,"stride":1},"colorOrder":"rgb","#
            + #""crop":{"height":112,"width":112},"mean":[0.43216,0.394666,0.37645],"#
            + #""resize":{"exact":{"height":128,"width":171}},"scale":0.00392156862745098,"#
            + #""std":[0.22803,0.22145,0.216989]}"#,
        #"{"colorOrder":"gray","mean":[0.286],"resize":{"keep":{}},"scale":0.00392156862745098,"std":[0.353]}"#,
        #"{"colorOrder":"bgr","crop":{"height":224,"width":224},"mean":[0,0,0],"#
            + #""resize":{"shorterSide":{"pixels":256}},"scale":1,"std":[1,1,1]}"#,
    ])
    func `What stands in the metadata of models is read and written as before`(json: String) throws {
        #expect(try Preprocessing(json: json).json() == json)
    }

    @Test func `Every key is documented once, and no other is`() throws {
        let wordy = [
            try Preprocessing(
                resize: .exact(width: 9, height: 8), crop: ImageExtent(side: 4),
                clip: ClipSampling(frameCount: 2, framesPerSecond: 5), layout: .channelsLast),
            try Preprocessing(resize: .shorterSide(pixels: 4), elementType: .uint8), try Preprocessing(),
        ]
        let paths = Preprocessing.documentedKeys.map(\.path)
        #expect(Set(paths).count == paths.count)
        var written: Set<String> = []
        for value in wordy {
            // Each key is written as "key": and stands within the one whose path it extends.
            let json = try value.json()
            written.formUnion(paths.filter { json.contains("\"\($0.split(separator: ".").last ?? "")\":") })
            #expect(try Preprocessing(json: json) == value)
        }
        #expect(written == Set(paths))
        for key in Preprocessing.documentedKeys {
            #expect(key.meaning.hasSuffix("."), "\(key.path)")
            let isRequired = ["mean", "std", "pixels", "width", "height", "frameCount"]
                .contains { key.path.hasSuffix($0) }
            #expect((key.defaultValue == nil) == isRequired, "\(key.path)")
        }
    }
}
