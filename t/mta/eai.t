#!/usr/bin/perl
# Internationalised mail (RFC 6531, 6532, 8616) through a real Postfix: signed,
# sent on, received again and verified, by us and by others. U-labels and
# A-labels are the same domain for keys, signatures, SPF and alignment.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::DNS;
use Assay::Dir qw(wait_for slurp);
use Assay::Fetched qw(need);
use Assay::Message;
use Assay::Postfix;
use Assay::Sink;
use Assay::SMTP qw(crlf);
use Assay::Verifiers;
use Assay::World qw(results mail_text);

need(qw(postfix knotd opendkim));
my $top = $ENV{top_srcdir} // '.';
my ($u, $a) = ("b\xc3\xbccher.example", 'xn--bcher-kva.example');
my $user = "j\xc3\xb6rg";
my $world = Assay::World->new(sign => ['shop.example', $a],
    zones => { $a => "\@ TXT \"v=spf1 ip4:192.0.2.0/24 -all\"\n_dmarc TXT \"v=DMARC1; p=reject; adkim=s; aspf=s\"\n" });
my $dir = $world->dir;
my $sink = Assay::Sink->new($dir);
my %common = (enforce => 'reject', always_reject => [$u], internal_networks => ['10.0.0.0/8'],
    outbound_daemons => ['ORIGINATING']);

# By the directory, whose names are A-labels, and by tables in U-labels.
my $keys = "$world->{keys}/$a";
my %tables = (multiple_signatures => 'yes',
    signing_table => $dir->write('signing', "$u r:$user\@$u\n$user\@.example e:$user\@mail.$u\n"),
    key_table => $dir->write('keytable', "r $u:testr:$keys/testr.pem\ne $u:teste:$keys/teste.pem\n"));
my %daemon = (directory => $world->assayd(%common, NAME => 'directory'),
    tables => $world->assayd(%common, %tables, NAME => 'tables'));

my %records;
for my $s (qw(testr teste)) {
    my $text = Assay::DNS::ask($world->dns->port, "$s._domainkey.$a", 'TXT', tcp => 1)->{data}[0];
    $records{"$s._domainkey.$_"} = $text for $a, $u;
}
my $others = Assay::Verifiers->new($dir, \%records);

sub deliver {
    my ($c, %o) = @_;
    my @replies = map { $c->command($_) } "MAIL FROM:<$o{from}> SMTPUTF8 BODY=8BITMIME", "RCPT TO:<$o{to}>", 'DATA';
    like $replies[-1], qr/^354/, "$o{name}: SMTPUTF8 is taken" or return diag "@replies";
    my $reply = $c->command(($o{data} =~ s/^\./../mgr) . '.');
    $c->quit;
    return $reply;
}

my $n = 0;
for my $kind (sort keys %daemon) {
    my $mta = Assay::Postfix->new($dir, name => "postfix-$kind", users => { alice => 'secret' }, sink => $sink->port,
        milters => [$daemon{$kind}->postfix_socket], main => "smtputf8_enable = yes\n");
    for my $domain ($u, $a, "B\xc3\x9cCHER.example") {
        my $name = "$kind, " . ($domain =~ s/[^ -~]/?/gr);
        my $text = mail_text(from => "J\xc3\xb6rg <$user\@$domain>", to => "d\xc3\xa9\@far.example",
            subject => "Gr\xc3\xbc\xc3\x9fe", body => "sch\xc3\xb6n\n");
        my $c = Assay::SMTP->new($mta->submission_port, auth => ['alice', 'secret']);
        my $reply = deliver($c, name => $name, from => "$user\@$u", to => "d\xc3\xa9\@far.example", data => $text);
        like $reply, qr/^250/, "$name: submitted" or next;
        my @all = $sink->wait_messages(++$n, 15);
        my $out = $all[-1]{data};
        my $m = Assay::Message->new($out);
        my @sigs = map { s/\s+/ /gr } $m->values('DKIM-Signature');
        is scalar @sigs, 2, "$name: two signatures" or diag $daemon{$kind}->log;
        my $d = $kind eq 'tables' ? $u : $a;
        is scalar(grep { /\bd=\Q$d\E;/ } @sigs), 2, "$name: d= is written as the operator wrote it";
        is scalar(grep { /\bi=\Q$user\E@(?:mail\.)?\Q$u\E;/ } @sigs), $kind eq 'tables' ? 2 : 0, "$name: i= in UTF-8";

        # And back in, from a client of the domain.
        $c = Assay::SMTP->new($mta->port, helo => 'mail.shop.example',
            xclient => { ADDR => '192.0.2.7', NAME => 'mail.shop.example', HELO => 'mail.shop.example' });
        $reply = deliver($c, name => "$name, back", from => "$user\@$u", to => 'bob@test.example',
            data => "X-Test: $n\r\n$out");
        like $reply, qr/^250/, "$name: received";
        my $got = wait_for(sub { my ($x) = grep { /^X-Test: $n\r?$/m } $mta->mail; $x }, 15);
        my %r = results($got // '');
        is_deeply [map { /^(\w+)/ } @{ $r{dkim} // [] }], ['pass', 'pass'], "$name: both pass"
            or diag $daemon{$kind}->log;
        like $r{dmarc}[0] // '', qr/^pass .*header\.from=\Q$a\E /, "$name: strictly aligned, whatever the labels";
        like $r{spf}[0] // '', qr/^pass .*smtp\.mailfrom=\Q$a\E$/, "$name: SPF by the A-labels";

        my $file = $dir->write("eai-$n.eml", $out);
        my $python = $others->dkimpy($file);
        my $perl = $others->maildkim($file);
        my $opendkim = $others->opendkim($file);
        is scalar(() = $python =~ /\tpass\t/g), 2, "$name: dkimpy accepts both" or diag $python;
        is scalar(() = $perl =~ /\tpass$/mg), 1, "$name: Mail::DKIM accepts RSA" or diag $perl;
        # It knows no U-labels: t/data/DISAGREEMENTS.
        like $opendkim, qr/dkim=pass [^;]*header\.s=$_\b/, "$name: opendkim accepts $_"
            for $kind eq 'tables' ? () : qw(testr teste);
    }
}
is $_->stop_daemon, 0, 'assayd ends well' for values %daemon;
done_testing;
